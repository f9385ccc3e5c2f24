"""Judging every document by another policy: a scan over small columns, a batch at a time.

A version of verdicts names every rule that would drop a document, not only the first. So what the
unchanged rules say is known, and only the signals of the changed ones are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.whatif.errors import NotMeasured
from pipeline.lineage.aligned import Rows, aligned
from pipeline.lineage.ancestry import Ancestry, readers
from pipeline.lineage.living import Living
from pipeline.select.rule import Rule
from pipeline.select.stage import Verdicts
from pipeline.store import Store
from schemas.artifact import Manifest

LANGUAGE, CHARACTERS, URL = "signals.language.language", "signals.words.characters", "documents.url"
_BEFORE = ("keep", "rule", "value", "threshold", "rules")

Mask = NDArray[np.bool_]
Counts = Counter[str]


class Side(NamedTuple):
    """What a policy says of n documents."""

    dropped: Mask
    rule: pa.Array  # the kind of the first that drops each, or null
    every: Counts  # kind -> documents that it would drop, whether it is the first or not
    value: pa.Array
    threshold: pa.Array


class Both(NamedTuple):
    """Some documents that were judged, by the policy as it is and by the other one."""

    rows: Rows
    now: Side
    then: Side


class Judge:
    """Another policy, and the versions that it is asked about.

    Args:
        store: where the versions are.
        line: a version of verdicts, and what belongs to it.
        old: the policy that the version was made with, as the code here reads it; None where it
            does not take it any more. What the version says counts for it.
        new: the other policy.

    Raises:
        NotMeasured: a changed rule reads a signal that nobody has measured in these documents.
    """

    def __init__(self, store: Store, line: Ancestry, old: Verdicts | None, new: Verdicts) -> None:
        self._store, self._line, self._rules = store, line, new.rules
        self._known = _unchanged(old.rules if old else (), new.rules)
        self._versions = {name: line.versions[name] for name in ("verdicts", "documents")}
        self._columns: dict[str, tuple[str, ...]] = {"verdicts": _BEFORE, "documents": ("url",)}
        self._choose(tuple(rule for rule in new.rules if rule.kind() not in self._known))

    def judged(self) -> Iterator[Both]:
        """Every living document that was measured, batch by batch."""
        past = Living(self._store, self._line.versions).past.ids
        read = aligned(self._store, self._versions, self._columns, past=past)
        for rows in read:
            yield self._both(rows.filter(rows.columns["verdicts.keep"].is_valid()))

    def _choose(self, changed: tuple[Rule, ...]) -> None:
        """What to read: the signals of the changed rules, and a few to count by."""
        needed = {f"signals.{name}" for rule in changed for name in rule.reads}
        lacking = []
        for signal in sorted({*needed, LANGUAGE, CHARACTERS}):
            stage, _, column = signal.rpartition(".")
            found = self._versions.get(stage) or self._measured(stage)
            if found and f"signals.{column}" in found.columns:
                self._versions[stage] = found
                self._columns[stage] = (*self._columns.get(stage, ()), column)
            elif signal in needed:
                lacking.append(signal.removeprefix("signals."))
        if lacking:
            rules = [rule.kind() for rule in changed if set(rule.reads) & set(lacking)]
            raise NotMeasured(lacking, of=self._versions["verdicts"].ref, rules=rules)

    def _measured(self, stage: str) -> Manifest | None:
        """A family of these documents, also one that the policy as it is does not read."""
        documents = self._versions["documents"].ref
        found = readers(self._store, stage, "documents")
        others = (one for one, read in found if read.ref == documents)
        return self._line.get(stage) or next(others, None)

    def _both(self, rows: Rows) -> Both:
        keep, rule, value, threshold, rules = (rows.columns[f"verdicts.{n}"] for n in _BEFORE)
        every = Counter(_counted(pc.list_flatten(rules)))
        now = Side(_mask(pc.invert(keep)), rule, every, value, threshold)
        return Both(rows, now, self._then(rows, rules))

    def _then(self, rows: Rows, before: pa.Array) -> Side:
        """What the other policy says; values are of changed rules only."""
        count = len(rows.doc_id)
        drop = np.zeros((len(self._rules), count), np.bool_)
        value, threshold = np.full((2, len(self._rules), count), np.nan)
        signals = {name.removeprefix("signals."): each for name, each in rows.columns.items()}
        known = _by_kind(before, self._known)
        for row, rule in enumerate(self._rules):
            if rule.kind() in known:
                drop[row] = known[rule.kind()]
                continue
            judgement = rule.judge(signals)
            drop[row] = _mask(judgement.drop)
            value[row], threshold[row] = (_numbers(each) for each in judgement[1:])
        dropped: Mask = np.any(drop, axis=0)
        first = drop.argmax(axis=0) if len(self._rules) else np.zeros(count, np.int64)
        kinds = [rule.kind() for rule in self._rules]
        every: Counts = Counter()
        for kind, documents in zip(kinds, drop.sum(axis=1).tolist(), strict=True):
            every[kind] += documents
        return Side(
            dropped,
            pa.array(kinds, pa.string()).take(pa.array(first, mask=~dropped)),
            every,
            *(_of_first(each, first) for each in (value, threshold)),
        )


def _unchanged(old: Sequence[Rule], new: Sequence[Rule]) -> tuple[str, ...]:
    """The kinds whose rules are the same in both, and only one of a kind."""

    def alone(rules: Sequence[Rule]) -> dict[str, Rule]:
        kinds = Counter(rule.kind() for rule in rules)
        return {rule.kind(): rule for rule in rules if kinds[rule.kind()] == 1}

    before = alone(old)
    return tuple(kind for kind, rule in alone(new).items() if before.get(kind) == rule)


def _by_kind(rules: pa.Array, kinds: tuple[str, ...]) -> dict[str, Mask]:
    """Kind -> where it is among the rules that would drop a document."""
    found = np.zeros((len(kinds), len(rules)), np.bool_)
    row = pc.index_in(pc.list_flatten(rules), pa.array(kinds, pa.string()))
    here = _mask(row.is_valid())
    document = pc.list_parent_indices(rules).to_numpy(zero_copy_only=False)
    found[row.drop_null().to_numpy(zero_copy_only=False), document[here]] = True
    return dict(zip(kinds, found, strict=True))


def _of_first(values: NDArray[np.float64], first: NDArray[np.int64]) -> pa.Array:
    if not len(values):
        return pa.nulls(len(first), pa.float64())
    return pa.array(np.take_along_axis(values, first[None], axis=0)[0], from_pandas=True)


def _mask(column: pa.Array) -> Mask:
    mask: Mask = column.fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _counted(column: pa.Array) -> dict[Any, int]:
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()}
