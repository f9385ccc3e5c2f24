"""A histogram, as plain values."""

from __future__ import annotations

from typing import Literal

from schemas.record import Record


class Bar(Record):
    """Documents whose value is at least `low`, and below `high` (in the last bar: at most)."""

    low: float
    high: float
    kept: int
    dropped: int  # by any rule of the policy
    at: float  # where it begins on the axis, 0 to 1
    to_at: float


class Word(Record):
    """Documents whose signal is this word; of a truth value, true or false."""

    word: str
    kept: int
    dropped: int


class Tick(Record):
    """A round number on the axis."""

    value: float
    at: float  # 0 to 1


class Bound(Record):
    """A bound that a rule holds the signal against."""

    rule: str
    value: float
    side: Literal["below", "above"]  # which documents it drops
    languages: tuple[str, ...]  # of the documents it was found with
    at: float  # on the axis; below 0 and above 1 it is off it


class Histogram(Record):
    """How one signal lies over the documents."""

    signal: str  # words.mean_word_length
    kind: Literal["number", "word"]
    documents: int
    missing: int  # of them, those without a value
    bars: tuple[Bar, ...] = ()
    words: tuple[Word, ...] = ()  # the most frequent ones
    more: int = 0  # words beyond them
    log: bool = False
    tail: bool = False  # the last bar holds all that is above it, too
    ticks: tuple[Tick, ...] = ()
    quartiles: tuple[float, ...] = ()  # least, lower, median, upper, greatest
    bounds: tuple[Bound, ...] = ()
