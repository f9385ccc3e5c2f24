"""Whether two files of a stage whose results are equal within bounds are close enough."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_FLOATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def distance(name: str, one: BinaryIO, other: BinaryIO) -> float | None:
    """The largest difference of a number, as a share of the largest number beside it.

    Tensors (safetensors) and numbers (JSON, a line or a file of it) are compared; words are not,
    nor what is named for seconds.

    Returns:
        The share; infinity where the two do not hold the same names; None for other kinds of file.
    """
    if name.endswith(".safetensors"):
        return _farthest(_tensors(one), _tensors(other))
    if name.endswith((".json", ".jsonl")):
        return _farthest(_numbers(one), _numbers(other))
    return None


def _farthest(one: dict[str, NDArray[np.float64]], other: dict[str, NDArray[np.float64]]) -> float:
    if {name: a.shape for name, a in one.items()} != {name: b.shape for name, b in other.items()}:
        return float("inf")
    return max((_apart(a, other[name]) for name, a in one.items() if a.size), default=0.0)


def _apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return 0.0 if np.array_equal(a, b, equal_nan=True) else float("inf")
    scale = max(np.abs(a).max(), np.abs(b).max(), 1e-12)
    return float(np.abs(a - b).max() / scale)


def _tensors(file: BinaryIO) -> dict[str, NDArray[np.float64]]:
    """The tensors of a safetensors file: a length, a JSON header, then the values."""
    length = int.from_bytes(file.read(8), "little")
    header, values = json.loads(file.read(length)), file.read()
    found = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            start, stop = tensor["data_offsets"]
            found[name] = _floats(tensor["dtype"], values[start:stop]).reshape(tensor["shape"])
    return found


def _floats(kind: str, content: bytes) -> NDArray[np.float64]:
    if kind == "BF16":  # the upper half of a float32
        wide = np.frombuffer(content, "<u2").astype(np.uint32) << 16
        return wide.view(np.float32).astype(np.float64)
    return np.frombuffer(content, _FLOATS.get(kind, np.uint8)).astype(np.float64)


def _numbers(file: BinaryIO) -> dict[str, NDArray[np.float64]]:
    text = file.read().decode()
    try:
        values = [json.loads(text)]
    except json.JSONDecodeError:
        values = [json.loads(line) for line in text.splitlines() if line]
    return {path: np.array(number) for path, number in _leaves("", values)}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if "second" not in name:
                yield from _leaves(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}[{number}]", inner)
    elif isinstance(value, int | float):
        yield path, float(value)
