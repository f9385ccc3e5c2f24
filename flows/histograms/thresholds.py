"""At which values of a signal a policy drops documents: found by asking its rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.select.rule import Rule, Signals

_CONTEXTS = 48  # real documents whose other signals a rule is asked with
_VALUES = 24  # of the signal, for each of them
_FAR = 1e6  # beyond any value that is there


class Threshold(NamedTuple):
    """A bound that a rule holds a signal against."""

    rule: str
    value: float
    side: str  # "below", "above": which documents it drops
    languages: tuple[str, ...]  # of the documents it was found with


def thresholds(
    rules: tuple[Rule, ...], name: str, signals: Signals, languages: pa.Array
) -> list[Threshold]:
    """The bounds of one signal.

    A rule is asked with the signals of real documents, only the one signal set to values far
    below, within and far above those that are there. Where it drops for that value, it says
    itself against which bound. So no rule is known here, and bounds that differ by language or
    hold in some scripts only are found as well.

    Args:
        rules: those that may read the signal.
        name: the signal, `words.words`.
        signals: every column that the rules read, n documents.
        languages: n codes, or null.
    """
    column = signals[name].cast(pa.float64())
    present = column.drop_null().to_numpy()
    present = present[np.isfinite(present)]
    chosen = _contexts(languages)
    if not rules or not len(present) or not len(chosen):
        return []
    swept = np.tile(_values(present), len(chosen))
    rows = pa.array(np.repeat(chosen, len(swept) // len(chosen)))
    context = {key: each.take(rows) for key, each in signals.items()}
    tried = pa.array(swept).cast(signals[name].type, safe=False)
    context[name] = tried
    named = languages.take(rows).to_pylist()
    found: dict[tuple[str, float, str], set[str]] = {}
    for rule in (each for each in rules if name in each.reads):
        for row, side, bound in _drops(rule, context, tried, len(chosen)):
            found.setdefault((rule.kind(), bound, side), set()).add(named[row] or "")
    return [Threshold(*key, tuple(sorted(those))) for key, those in sorted(found.items())]


def _drops(
    rule: Rule, context: Signals, tried: pa.Array, documents: int
) -> list[tuple[int, str, float]]:
    """(row, side, bound) wherever the rule drops for the very value that was tried.

    A document that it drops whatever the value is goes for another reason.
    """
    judged = rule.judge(context)
    drops = judged.drop.fill_null(False).to_numpy(zero_copy_only=False).reshape(documents, -1)
    depends = pa.array(np.repeat(~drops.all(axis=1), drops.shape[1]))
    same = pc.equal(judged.value, tried.cast(pa.float64())).fill_null(False)
    past = pc.not_equal(judged.value, judged.threshold).fill_null(False)
    here = pc.and_(pc.and_(judged.drop.fill_null(False), depends), pc.and_(same, past))
    rows = pc.indices_nonzero(here).to_pylist()
    values, bounds = judged.value.to_pylist(), judged.threshold.to_pylist()
    return [(n, "below" if values[n] < bounds[n] else "above", bounds[n]) for n in rows]


def _contexts(languages: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Documents of every language, spread over the table."""
    coded = pc.dictionary_encode(languages, null_encoding="encode").indices.to_numpy()
    order = np.argsort(coded, kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(coded[order], coded[order])
    return np.sort(order[np.argsort(rank, kind="stable")][:_CONTEXTS])


def _values(
    present: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    low, high = float(present.min()), float(present.max())
    inner = np.quantile(present, np.linspace(0, 1, _VALUES - 4))
    ends = [low - _FAR, low - 1, high + 1, high * 10 + _FAR]
    return np.concatenate([ends[:2], inner, ends[2:]])
