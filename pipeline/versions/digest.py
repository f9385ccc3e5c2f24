"""Digests of what came out, free of layout: order, chunks and shards change nothing.

The digest of a table is the sum modulo 2^256 of one SHA-256 per row (an additive multiset hash:
Bellare and Micciancio, 1997, Eurocrypt, "A new paradigm for collision-free hashing"). Sums can be
added and taken from each other, so shards are hashed apart, and a stage can prove that what came
in equals what went out. It finds accidents; it is not made against someone who chooses the rows.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from pipeline.versions.canonical import canonical_json

# What is hashed says what it is: a row can never stand for a list of shards, or the reverse.
_ROW = b"penstock row 1\0"
_ORDERED_ROW = b"penstock ordered row 1\0"
_ORDERED_SHARDS = b"penstock ordered shards 1\0"

_MODULUS = 1 << 256
_HEX = re.compile(r"[0-9a-f]{64}\Z")


class Lead(NamedTuple):
    """What is hashed before a row.

    Attributes:
        tag: says what follows.
        position: of the next row, in eight bytes after the tag; None where order does not count.
    """

    tag: bytes
    position: int | None


class RowSum:
    """The digest and the count of a set of rows in which each row may stand several times.

    Two sums are equal when they hold the same rows equally often, in whatever order they came.
    The hex digest of no rows is 64 zeros.
    """

    __slots__ = ("_total", "count")

    def __init__(self) -> None:
        self._total = 0
        self.count = 0

    @classmethod
    def of(cls, rows: Iterable[bytes]) -> Self:
        """The sum of `rows`, each in the form of `encode_row`."""
        made = cls()
        made.add_many(rows)
        return made

    @classmethod
    def parse(cls, hexdigest: str, count: int) -> Self:
        """The sum that was written down as its digest and count."""
        made = cls()
        made._total, made.count = _number(hexdigest), count
        return made

    @property
    def lead(self) -> Lead:
        """What stands before the next row where it is hashed."""
        return Lead(_ROW, None)

    def add(self, row: bytes) -> None:
        """Count one row in."""
        self.add_many((row,))

    def add_hashes(self, total: int, count: int) -> None:
        """Count rows in by the sum of their hashes, each of its `lead` and itself."""
        self._total = (self._total + total) % _MODULUS
        self.count += count

    def add_many(self, rows: Iterable[bytes]) -> None:
        """Count rows in; about 1.3 µs a row and 1 ns a byte on one core with SHA instructions."""
        sha256, number = hashlib.sha256, int.from_bytes
        total, count = self._total, 0
        for row in rows:
            total += number(sha256(_ROW + row).digest(), "big")
            count += 1
        self._total = total % _MODULUS
        self.count += count

    def merge(self, other: "RowSum") -> None:
        """Count in all rows of another sum: a further chunk or shard."""
        self._total = (self._total + other._total) % _MODULUS
        self.count += other.count

    def minus(self, other: "RowSum") -> "RowSum":
        """What is left when the rows of `other` are taken away; zero when both are equal.

        The count is negative where `other` has more rows.
        """
        left = RowSum()
        left._total = (self._total - other._total) % _MODULUS
        left.count = self.count - other.count
        return left

    def hexdigest(self) -> str:
        """64 hex digits."""
        return f"{self._total:064x}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSum):
            return NotImplemented
        return (self._total, self.count) == (other._total, other.count)

    __hash__ = None  # type: ignore[assignment]  # a sum changes, so it must not be a dict's key

    def __repr__(self) -> str:
        return f"RowSum({self.count} rows, {self.hexdigest()[:12]})"


class OrderedDigest:
    """The digest of rows whose order counts: each row is hashed with its position.

    The pieces of one table may be hashed apart, each from its own `start`, and merged in any
    order; where the table was cut changes nothing.
    """

    __slots__ = ("_next", "_sum")

    def __init__(self, start: int = 0) -> None:
        """`start`: the position of the first row, 0 or more."""
        self._next = start
        self._sum = RowSum()

    @property
    def count(self) -> int:
        """How many rows were counted in."""
        return self._sum.count

    @property
    def lead(self) -> Lead:
        """What stands before the next row where it is hashed."""
        return Lead(_ROW + _ORDERED_ROW, self._next)

    def add_hashes(self, total: int, count: int) -> None:
        """Count in the next rows by the sum of their hashes, each of its `lead` and itself."""
        self._sum.add_hashes(total, count)
        self._next += count

    def add(self, row: bytes) -> None:
        """Count in the next row."""
        self.add_many((row,))

    def add_many(self, rows: Iterable[bytes]) -> None:
        """Count in the next rows, in their order."""
        before = self._sum.count
        self._sum.add_many(
            _ORDERED_ROW + position.to_bytes(8, "big") + row
            for position, row in enumerate(rows, self._next)
        )
        self._next += self._sum.count - before

    def merge(self, other: "OrderedDigest") -> None:
        """Count in another piece of the same table; `other` knows where it started."""
        self._sum.merge(other._sum)
        self._next = max(self._next, other._next)

    def hexdigest(self) -> str:
        """64 hex digits."""
        return self._sum.hexdigest()


def sum_digests(digests: Iterable[str]) -> str:
    """The digest of a table from those of its shards (each of a `RowSum`), in any order."""
    return f"{sum(map(_number, digests)) % _MODULUS:064x}"


def combine_ordered(digests: Sequence[tuple[str, str]]) -> str:
    """The digest of a version made of (shard name, digest) whose order counts."""
    for _, digest in digests:
        _number(digest)
    return hashlib.sha256(_ORDERED_SHARDS + canonical_json(list(digests))).hexdigest()


def _number(hexdigest: str) -> int:
    """The number that 64 lower-case hex digits stand for; a cut or foreign digest is an error."""
    if not _HEX.match(hexdigest):
        problem = f"{hexdigest!r} is not a digest: 64 hex digits in lower case are."
        raise ValueError(problem)
    return int(hexdigest, 16)
