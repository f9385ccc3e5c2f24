"""Counting what two policies say of the same documents."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.domains import hosts
from flows.whatif.judge import CHARACTERS, LANGUAGE, URL, Both, Side
from pipeline.lineage.pick import Lowest, rank
from schemas.column import DOC_ID

DROPPED, KEPT = "newly dropped", "newly kept"
ALL, NOW, THEN = "all", "now", "then"

Counts = Counter[tuple[str, str]]


class Count:
    """Sums over any number of documents; of the documents themselves only a few are remembered.

    Attributes:
        documents: (all | now | then | newly dropped | newly kept) -> documents.
        characters: the same, in characters of text; empty where nobody has counted them.
        rules: (now | then, kind) -> documents, by the first rule that drops each.
        every: (now | then, kind) -> documents that a rule would drop.
        languages: (all | now | then, language, or "") -> documents, and those dropped.
        hosts: (newly dropped | newly kept, host, or "") -> documents.
        examples: (newly dropped | newly kept) -> some of them.
    """

    def __init__(self, examples: int) -> None:
        self.documents: Counter[str] = Counter()
        self.characters: Counter[str] = Counter()
        self.rules: Counts = Counter()
        self.every: Counts = Counter()
        self.languages: Counts = Counter()
        self.hosts: Counts = Counter()
        self.examples = {change: Lowest(examples) for change in (DROPPED, KEPT)}

    def add(self, both: Both) -> None:
        """Count some documents."""
        was, now_is = both.now.dropped, both.then.dropped
        masks = {
            ALL: np.ones(len(was), np.bool_),
            NOW: was,
            THEN: now_is,
            DROPPED: ~was & now_is,
            KEPT: was & ~now_is,
        }
        for name, mask in masks.items():
            self._sizes(both, name, mask)
        for name, side in ((NOW, both.now), (THEN, both.then)):
            _add(self.rules, name, side.rule.drop_null())
            self.every.update({(name, kind): count for kind, count in side.every.items()})
        for change, side in ((DROPPED, both.then), (KEPT, both.now)):
            if masks[change].any():
                self._changed(both, change, masks[change], side)

    def _sizes(self, both: Both, name: str, mask: NDArray[np.bool_]) -> None:
        here, columns = pa.array(mask), both.rows.columns
        self.documents[name] += int(mask.sum())
        if CHARACTERS in columns:
            self.characters[name] += pc.sum(columns[CHARACTERS].filter(here)).as_py() or 0
        if LANGUAGE in columns and name in (ALL, NOW, THEN):
            _add(self.languages, name, columns[LANGUAGE].filter(here).fill_null(""))

    def _changed(self, both: Both, change: str, mask: NDArray[np.bool_], side: Side) -> None:
        here = pa.array(mask)
        _add(self.hosts, change, hosts(both.rows.columns[URL].filter(here)))
        told = (both.rows.doc_id, side.rule, side.value, side.threshold)
        for doc_id, rule, value, threshold in zip(
            *(column.filter(here).to_pylist() for column in told), strict=True
        ):
            row = {"shard": both.rows.shard, DOC_ID: doc_id, "rule": rule}
            row |= {"value": value, "threshold": threshold}
            self.examples[change].add(rank(doc_id), row)


def _add(counts: Counter[Any], name: str, column: pa.Array) -> None:
    for pair in pc.value_counts(column).to_pylist():
        counts[name, pair["values"]] += pair["counts"]
