"""Judging every document by another policy: a scan over small columns, a batch at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.domains import hosts
from flows.whatif.errors import NotMeasured
from pipeline.lineage.aligned import Rows, aligned
from pipeline.lineage.ancestry import Ancestry, readers
from pipeline.lineage.living import Living
from pipeline.lineage.pick import Lowest, rank
from pipeline.select.policy import verdicts
from pipeline.select.rule import Rule
from pipeline.select.stage import MEASURED, Verdicts
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID

_LANGUAGE, _CHARACTERS = "language.language", "words.characters"
_BEFORE = ("keep", "rule", "value", "threshold", "rules")
DROPPED, KEPT = "newly dropped", "newly kept"

Mask = NDArray[np.bool_]


class Judged:
    """What two policies say of the same documents, counted."""

    def __init__(self, examples: int) -> None:
        self.documents = 0
        self.measured_characters = False
        self.sides: Counter[tuple[str, str]] = Counter()  # (side, documents | characters)
        self.rules: Counter[tuple[str, str]] = Counter()  # (side, kind), by the first that drops
        self.any: Counter[tuple[str, str]] = Counter()  # (side, kind)
        self.languages: Counter[tuple[str, str]] = Counter()  # (side, language); side "" is all
        self.hosts: Counter[tuple[str, str]] = Counter()  # (change, host)
        self.examples = {change: Lowest(examples) for change in (DROPPED, KEPT)}

    def add(self, rows: Rows, before: Side, after: Side) -> None:
        """Count some documents."""
        here = before.keep.is_valid().to_numpy(zero_copy_only=False)
        was, is_now = (_dropped(side.keep) for side in (before, after))
        masks = {
            "now": here & was,
            "then": here & is_now,
            DROPPED: here & ~was & is_now,
            KEPT: here & was & ~is_now,
        }
        self.documents += int(here.sum())
        self._count_sides(rows, masks)
        self._count_languages(rows, here, masks)
        for name, side in (("now", before), ("then", after)):
            self._count_rules(name, side)
        for change, side in ((DROPPED, after), (KEPT, before)):
            if masks[change].any():
                self._note_changed(rows, change, masks[change], side)

    def _count_sides(self, rows: Rows, masks: Mapping[str, Mask]) -> None:
        characters = rows.columns.get(f"signals.{_CHARACTERS}")
        self.measured_characters = characters is not None
        for name, mask in masks.items():
            self.sides[name, "documents"] += int(mask.sum())
            if characters is not None:
                size = pc.sum(characters.filter(pa.array(mask))).as_py()
                self.sides[name, "characters"] += size or 0

    def _count_languages(self, rows: Rows, here: Mask, masks: Mapping[str, Mask]) -> None:
        column = rows.columns.get(f"signals.{_LANGUAGE}")
        if column is not None:
            for name, mask in {"": here, "now": masks["now"], "then": masks["then"]}.items():
                _add(self.languages, name, column.filter(pa.array(mask)).fill_null(""))

    def _count_rules(self, name: str, side: Side) -> None:
        _add(self.rules, name, side.rule.drop_null())
        _add(self.any, name, pc.list_flatten(side.rules).drop_null())

    def _note_changed(self, rows: Rows, change: str, mask: Mask, side: Side) -> None:
        here = pa.array(mask)
        _add(self.hosts, change, hosts(rows.columns["documents.url"].filter(here)))
        told = zip(
            *(
                column.filter(here).to_pylist()
                for column in (rows.doc_id, side.rule, side.value, side.threshold)
            ),
            strict=True,
        )
        for doc_id, rule, value, threshold in told:
            row = {"shard": rows.shard, DOC_ID: doc_id, "rule": rule}
            self.examples[change].add(rank(doc_id), row | {"value": value, "threshold": threshold})


class Side(NamedTuple):
    """What a policy says of n documents: columns of `schemas.verdict.VERDICTS`."""

    keep: pa.Array
    rule: pa.Array
    value: pa.Array
    threshold: pa.Array
    rules: pa.Array


def judge(store: Store, line: Ancestry, policy: Verdicts, examples: int) -> Judged:
    """Judge the documents of a version of `verdicts` by another policy.

    What the version says counts for the policy as it is: also where the code of a rule has
    changed since.

    Args:
        store: where the versions are.
        line: the version, and what belongs to it.
        policy: the other rules.
        examples: how many documents of each kind to remember.

    Raises:
        NotMeasured: a rule reads a signal that nobody has measured in these documents.
    """
    there, columns = _read(store, line, policy)
    judged = Judged(examples)
    past = Living(store, line.versions).past.ids
    for rows in aligned(store, there, columns, past=past):
        before = Side(*(rows.columns[f"verdicts.{name}"] for name in _BEFORE))
        judged.add(rows, before, _after(policy.rules, rows, before))
    return judged


def _after(rules: tuple[Rule, ...], rows: Rows, before: Side) -> Side:
    signals = {name: rows.columns[f"signals.{name}"] for rule in rules for name in rule.reads}
    table = verdicts(rules, signals, rows.doc_id, pc.is_valid(before.keep))
    return Side(*(table[name].combine_chunks() for name in _BEFORE))


def _read(
    store: Store, line: Ancestry, policy: Verdicts
) -> tuple[dict[str, Manifest], dict[str, tuple[str, ...]]]:
    """The versions to read, and their columns: those that the rules read, and a few to count by."""
    there = {name: line.versions[name] for name in ("verdicts", "documents")}
    columns: dict[str, tuple[str, ...]] = {"verdicts": _BEFORE, "documents": ("url",)}
    needed = {f"{family}.{name}" for family, some in policy.signals_read().items() for name in some}
    lacking = []
    for signal in sorted({*needed, _LANGUAGE, _CHARACTERS}):
        family, _, column = signal.rpartition(".")
        stage = f"signals.{family}"
        found = there.get(stage) or _measured(store, line, stage)
        if found and f"signals.{column}" in found.columns:
            there[stage] = found
            columns[stage] = (*columns.get(stage, ()), column)
        elif signal in needed:
            lacking.append(signal)
    if lacking:
        rules = [rule.kind() for rule in policy.rules if set(rule.reads) & set(lacking)]
        raise NotMeasured(lacking, of=there["verdicts"].ref, rules=rules)
    return there, columns


def _measured(store: Store, line: Ancestry, stage: str) -> Manifest | None:
    """A family of these documents, also one that the policy as it is does not read."""
    documents = line.versions["documents"].ref
    others = (one for one, read in readers(store, stage, "documents") if read.ref == documents)
    return line.get(stage) or next(others, None)


def _dropped(keep: pa.Array) -> Mask:
    dropped: Mask = pc.invert(keep).fill_null(False).to_numpy(zero_copy_only=False)
    return dropped


def _add(counts: Counter[Any], name: str, column: pa.Array) -> None:
    for pair in pc.value_counts(column).to_pylist():
        counts[name, pair["values"]] += pair["counts"]
