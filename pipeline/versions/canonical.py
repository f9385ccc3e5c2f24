"""One byte form for each value, the same in every process and on every Python.

`canonical_json` is for what people configure, `encode_row` for what tables hold. Both refuse what
has no one stable form (sets, paths, callables, dates) and name the field, because a key that
changes by itself would make everything again, and one that does not change hides a change.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from pipeline.versions.errors import Unstable

__all__ = ["Json", "Unstable", "canonical_json", "encode_row", "short"]

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_DEEPEST = 100  # levels; deeper is a cycle, or nothing that a person wrote
_LONGEST_INT = 4_000  # bits; Python limits how long an int it writes in decimal (CVE-2020-10735)
_NOT_A_NUMBER = b"d" + bytes.fromhex("7ff8000000000000")


def short(key: str) -> str:
    """The first 12 hex digits, as people see a key or digest."""
    return key[:12]


def canonical_json(value: object) -> bytes:
    """The one JSON text of `value`: keys sorted by code point, no white space, UTF-8.

    Floats stand in their shortest form and stay floats (1.0 is not 1); -0.0 is 0.0.

    Raises:
        Unstable: `value` holds something that JSON cannot say in one way only; names the path.
    """
    return json.dumps(
        _plain(value, "", 0),
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode("utf-8")


def _plain(value: object, where: str, depth: int) -> Json:
    if depth > _DEEPEST:
        raise Unstable(where, value)
    if isinstance(value, dict):
        return {
            _text(key, where): _plain(inner, f"{where}.{key}" if where else str(key), depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(inner, f"{where}[{n}]", depth + 1) for n, inner in enumerate(value)]
    return _scalar(value, where)


def _scalar(value: object, where: str) -> Json:
    if value is None or isinstance(value, bool):
        return value
    if type(value) is int and value.bit_length() <= _LONGEST_INT:
        return value
    if type(value) is float and math.isfinite(value):
        return value + 0.0  # -0.0 becomes 0.0
    return _text(value, where)


def _text(value: object, where: str) -> str:
    """A str as a plain str, an enum of strings included; never one that UTF-8 cannot say."""
    if not isinstance(value, str):
        raise Unstable(where, value)
    text = str.__str__(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Unstable(where, value) from None
    return text


def encode_row(values: Sequence[object]) -> bytes:
    """The one binary form of a row's values, in the given order.

    Every value carries its type and its length, so no two rows that differ share a form, and no
    form begins another: 1, 1.0, True, "1" and b"1" all differ. Only the zeros are equal to each
    other, and all NaNs.

    Args:
        values: of None, bool, int of any size, float, str, bytes, and lists, tuples and dicts
            with str keys of these. A tuple equals the list with the same values.

    Raises:
        Unstable: a value of another type, or text with a lone surrogate; names the path.
    """
    try:
        return _row_list(values)
    except (KeyError, UnicodeEncodeError):
        raise _first_unstable(values, "") or Unstable("", values) from None


def _first_unstable(value: object, where: str) -> Unstable | None:
    """The first value that has no form, with its path: the slow way, walked only after failing."""
    inside: list[tuple[str, object]] = []
    if isinstance(value, list | tuple):
        inside = [(f"{where}[{n}]", one) for n, one in enumerate(value)]
    elif isinstance(value, dict):
        inside = [(f"{where}.{key}", one) for key, one in value.items()]
    found = (_first_unstable(one, path) for path, one in inside)
    for unstable in found:
        if unstable:
            return unstable
    try:
        _ROW_FORMS[type(value)](value)
    except (KeyError, UnicodeEncodeError):
        return Unstable(where, value)  # the value itself, or a name in a dict
    return None


def _sized(tag: bytes, payload: bytes) -> bytes:
    return tag + len(payload).to_bytes(8, "big") + payload


def _row_int(value: int) -> bytes:
    return _sized(b"i", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _row_float(value: float) -> bytes:
    if value != value:  # NaN
        return _NOT_A_NUMBER
    return struct.pack(">cd", b"d", value + 0.0)


def _row_str(value: str) -> bytes:
    return _sized(b"s", value.encode("utf-8"))


def _row_list(values: Sequence[object]) -> bytes:
    forms = [_ROW_FORMS[type(value)](value) for value in values]
    return b"l" + len(forms).to_bytes(8, "big") + b"".join(forms)


def _row_dict(value: dict[str, object]) -> bytes:
    # Sorted by code point; the keys' UTF-8 would sort the same way.
    forms = [_row_str(key) + _ROW_FORMS[type(value[key])](value[key]) for key in _sorted(value)]
    return b"m" + len(forms).to_bytes(8, "big") + b"".join(forms)


def _sorted(value: dict[str, object]) -> list[str]:
    if not all(type(key) is str for key in value):
        raise KeyError(value)
    return sorted(value)


_ROW_FORMS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"n",
    bool: lambda value: b"t" if value else b"f",
    int: _row_int,
    float: _row_float,
    str: _row_str,
    bytes: lambda value: _sized(b"b", value),
    list: _row_list,
    tuple: _row_list,
    dict: _row_dict,
}
