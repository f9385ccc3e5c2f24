"""Digests of whole tables' rows, as `encode_row` and `RowSum` make them row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.versions.canonical import encode_row
from pipeline.versions.digest import Lead, OrderedDigest, RowSum

Array = np.ndarray[Any, Any]

FEW = 256  # values: fewer are not worth the half second that loading a compiler takes
PIECE = 2**16  # rows that are laid out at once, however long a table
HEAD = 9  # bytes of a tag and a count
POSITION = 8  # bytes


class _Forms(NamedTuple):
    """The forms of a column.

    Attributes:
        sizes: the bytes of each, (n,) int64.
        write: puts each into a buffer, at the given places.
    """

    sizes: Array
    write: Callable[[Array, Array], None]


class _NoForms(Exception):
    """A column of a kind that is encoded value by value."""


def count_in(total: RowSum | OrderedDigest, columns: Sequence[pa.Array], rows: int) -> None:
    """Count rows into a digest: the form of each is what `encode_row` makes of its values.

    Args:
        total: that they are counted in.
        columns: of `rows` values each.
        rows: how many; there may be no column.

    Raises:
        Unstable: a column holds what has no form.
    """
    for start in range(0, rows, PIECE):
        piece = min(PIECE, rows - start)
        _count_piece(total, [column.slice(start, piece) for column in columns], piece)


def _count_piece(total: RowSum | OrderedDigest, columns: Sequence[pa.Array], rows: int) -> None:
    if rows * len(columns) >= FEW:
        try:
            forms = [_forms(column) for column in columns]
        except _NoForms:
            pass
        else:
            total.add_hashes(_sum_of(total.lead, forms, rows), rows)
            return
    values = [column.to_pylist() for column in columns]
    total.add_many(map(encode_row, zip(*values, strict=True) if values else [()] * rows))


def count_hashes(total: RowSum, columns: Sequence[pa.Array], rows: int) -> Array:
    """Count rows into a digest as `count_in` does, and give their hashes, (rows, 32) uint8.

    Raises:
        Unstable: a column holds what has no form.
    """
    from pipeline.storage.row_hashes import hashes_of, sum_of

    try:
        forms = [_forms(column) for column in columns]
    except _NoForms:
        values = [column.to_pylist() for column in columns]
        each = [total.lead.tag + encode_row(row) for row in zip(*values, strict=True)]
        sizes = np.fromiter(map(len, each), np.int64, rows)
        data, starts = np.frombuffer(b"".join(each), np.uint8), np.cumsum(sizes) - sizes
        laid_out = _LaidOut(data, starts, sizes)
    else:
        laid_out = _laid_out(total.lead, forms, rows)
    hashes = hashes_of(*laid_out)
    total.add_hashes(sum_of(hashes), rows)
    return hashes


class _LaidOut(NamedTuple):
    """The forms of rows, one after the other.

    Attributes:
        data: the bytes, uint8.
        starts: where each begins, (rows,) int64.
        sizes: how long each is, (rows,) int64.
    """

    data: Array
    starts: Array
    sizes: Array


def _sum_of(lead: Lead, columns: list[_Forms], rows: int) -> int:
    from pipeline.storage.row_hashes import sum_of_hashes

    return sum_of_hashes(*_laid_out(lead, columns, rows))


def _laid_out(lead: Lead, columns: list[_Forms], rows: int) -> _LaidOut:
    from pipeline.storage.row_kernels import write_heads, write_numbers, write_same

    before = len(lead.tag) + (POSITION if lead.position is not None else 0)
    sizes = before + HEAD + sum((column.sizes for column in columns), np.zeros(rows, np.int64))
    ends = np.cumsum(sizes)
    out, starts = np.empty(int(ends[-1]) if rows else 0, np.uint8), ends - sizes
    write_same(out, starts, np.frombuffer(lead.tag, np.uint8))
    if lead.position is not None:
        write_numbers(out, starts + len(lead.tag), lead.position)
    at = starts + before
    write_heads(out, at, ord("l"), np.full(rows, len(columns)), np.ones(rows, np.bool_))
    at = at + HEAD
    for column in columns:
        column.write(out, at)
        at = at + column.sizes
    return _LaidOut(out, starts, sizes)


def _forms(array: pa.Array) -> _Forms:
    """The forms of a column of any kind that a table of ours has."""
    kind = array.type
    for fits, forms in _KINDS:
        if fits(kind):
            return forms(array)
    raise _NoForms(str(kind))


def _valid(array: pa.Array) -> Array:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _nulls(array: pa.Array) -> _Forms:
    from pipeline.storage.row_kernels import NULL, write_same

    letter = np.array([NULL], np.uint8)
    return _Forms(np.ones(len(array), np.int64), lambda out, at: write_same(out, at, letter))


def _bools(array: pa.Array) -> _Forms:
    filled = array.fill_null(False).to_numpy(zero_copy_only=False)
    letters = np.where(_valid(array), np.where(filled, ord("t"), ord("f")), ord("n"))

    def write(out: Array, at: Array) -> None:
        out[at] = letters

    return _Forms(np.ones(len(array), np.int64), write)


def _ints(array: pa.Array) -> _Forms:
    from pipeline.storage.row_kernels import int_sizes, write_ints

    most = pa.scalar(2**63 - 1, pa.uint64())
    if pa.types.is_uint64(array.type) and pc.any(pc.greater(array, most)).as_py():
        raise _NoForms(str(array.type))
    valid, values = _valid(array), array.cast(pa.int64()).fill_null(0).to_numpy()
    return _Forms(int_sizes(values, valid), lambda out, at: write_ints(out, at, values, valid))


def _floats(array: pa.Array) -> _Forms:
    from pipeline.storage.row_kernels import write_floats

    valid = _valid(array)
    bits = array.cast(pa.float64()).fill_null(0.0).to_numpy().view(np.uint64)
    sizes = np.where(valid, HEAD, 1).astype(np.int64)
    return _Forms(sizes, lambda out, at: write_floats(out, at, bits, valid))


def _bytes(array: pa.Array) -> _Forms:
    """Texts too: their UTF-8 is what is hashed."""
    from pipeline.storage.row_kernels import write_bytes

    text = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    tag, valid = ord("s" if text else "b"), _valid(array)
    data, bounds = _content(array, pa.large_string() if text else pa.large_binary())
    starts, lengths = bounds[:-1], np.diff(bounds)
    sizes = np.where(valid, HEAD + lengths, 1)
    return _Forms(sizes, lambda out, at: write_bytes(out, at, tag, data, starts, lengths, valid))


def _content(array: pa.Array, kind: pa.DataType) -> tuple[Array, Array]:
    """All bytes of a column, and where in them each value begins and the last ends."""
    if pa.types.is_fixed_size_binary(array.type):
        bounds = np.arange(array.offset, array.offset + len(array) + 1) * array.type.byte_width
        return np.frombuffer(array.buffers()[1] or b"", np.uint8), bounds
    whole = array.cast(kind)
    _, offsets, content = whole.buffers()
    bounds = np.frombuffer(offsets, np.int64)[whole.offset :][: len(whole) + 1]
    return np.frombuffer(content or b"", np.uint8), bounds


def _lists(array: pa.Array) -> _Forms:
    from pipeline.storage.row_kernels import places_inside, write_heads

    valid, inner = _valid(array), _forms(array.flatten())
    counts = pc.list_value_length(array).fill_null(0).to_numpy().astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(inner.sizes)])
    last = np.cumsum(counts)
    sizes = np.where(valid, HEAD, 1) + ends[last] - ends[last - counts]

    def write(out: Array, at: Array) -> None:
        write_heads(out, at, ord("l"), counts, valid)
        inner.write(out, places_inside(at, counts, inner.sizes))

    return _Forms(sizes, write)


def _structs(array: pa.Array) -> _Forms:
    """Each is a table of names, sorted, and values."""
    from pipeline.storage.row_kernels import write_heads, write_same

    valid = _valid(array)
    there = np.flatnonzero(valid)
    names = sorted(field.name for field in array.type)
    if len(set(names)) < len(names):
        raise _NoForms(str(array.type))
    inside = array.filter(pa.array(valid)).flatten()
    place = {field.name: number for number, field in enumerate(array.type)}
    keys = [np.frombuffer(encode_row((name,))[HEAD:], np.uint8) for name in names]
    values = [_forms(inside[place[name]]) for name in names]
    sizes = np.ones(len(array), np.int64)
    sizes[there] = HEAD + sum(
        (len(key) + value.sizes for key, value in zip(keys, values, strict=True)),
        np.zeros(len(there), np.int64),
    )

    def write(out: Array, at: Array) -> None:
        write_heads(out, at, ord("m"), np.full(len(at), len(names)), valid)
        here = at[there] + HEAD
        for key, value in zip(keys, values, strict=True):
            write_same(out, here, key)
            here = here + len(key)
            value.write(out, here)
            here = here + value.sizes

    return _Forms(sizes, write)


_KINDS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], _Forms]], ...] = (
    (pa.types.is_null, _nulls),
    (pa.types.is_boolean, _bools),
    (pa.types.is_integer, _ints),
    (lambda kind: pa.types.is_float32(kind) or pa.types.is_float64(kind), _floats),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), _bytes),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind), _bytes),
    (pa.types.is_fixed_size_binary, _bytes),
    (lambda kind: pa.types.is_list(kind) or pa.types.is_large_list(kind), _lists),
    (pa.types.is_struct, _structs),
)
