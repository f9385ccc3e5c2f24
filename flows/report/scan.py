"""One pass over all documents of a corpus: who came how far, counted in several ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.domains import hosts
from pipeline.lineage.aligned import Rows
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.readable import COLUMNS, PRIVATE, Readable, redacted, spans_of
from pipeline.signals.private.kinds import KIND_NAMES

EXTRACTED, KEPT, CORPUS = "extracted", "kept", "corpus"
_LANGUAGE = "signals.language.language"
_HUNDREDTHS = np.linspace(0, 1, 101)  # of similarity

Mask = NDArray[np.bool_]


class Scan:
    """Sums, and the texts of the documents that are to be shown.

    Args:
        wanted: the doc_ids of those.
        decides: the stage whose `keep` says what is in the corpus.

    Attributes:
        documents: station -> documents.
        bytes: station -> bytes of their texts.
        languages: (station | bytes, language, or "") -> documents, or bytes of the corpus.
        hosts: (station | bytes, host, or "") -> the same.
        first_bytes: rule -> bytes of the texts that it took.
        every: rule -> documents that it would drop.
        alone: rule -> documents that it alone would drop.
        sizes: size of a cluster -> clusters.
        similar: near duplicates by hundredths of similarity, (100,).
        spans: kind -> spans in the corpus.
        holding: kind, or "any" -> documents of the corpus with some.
        shown: (shard, doc_id) -> a document that was wanted.
    """

    def __init__(self, wanted: Collection[bytes], decides: str) -> None:
        self._keep = f"{decides}.keep"
        self.shown: dict[tuple[str, bytes], Readable] = {}
        self._wanted = pa.array(sorted(wanted), pa.binary(16))
        self.documents: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.languages: Counter[tuple[str, str]] = Counter()
        self.hosts: Counter[tuple[str, str]] = Counter()
        self.first_bytes: Counter[str] = Counter()
        self.every: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.sizes: Counter[int] = Counter()
        self.similar = np.zeros(len(_HUNDREDTHS) - 1, np.int64)
        self.spans: Counter[str] = Counter()
        self.holding: Counter[str] = Counter()

    def add(self, rows: Rows) -> None:
        """Count some documents."""
        columns = rows.columns
        size = pc.binary_length(columns["documents.text"]).cast(pa.int64()).fill_null(0)
        here = {
            EXTRACTED: columns["documents.text"].is_valid(),
            KEPT: columns["verdicts.keep"].fill_null(False),
            CORPUS: columns[self._keep].fill_null(False),
        }
        named = {
            "language": columns[_LANGUAGE].fill_null(""),
            "host": hosts(columns["documents.url"]),
        }
        for station, mask in here.items():
            self.documents[station] += pc.sum(mask).as_py() or 0
            self.bytes[station] += pc.sum(size.filter(mask)).as_py() or 0
            _add(self.languages, station, named["language"].filter(mask))
            _add(self.hosts, station, named["host"].filter(mask))
        corpus = pa.table(named | {"bytes": size}).filter(here[CORPUS])
        for name, counts in (("language", self.languages), ("host", self.hosts)):
            for key, sums in _sums(corpus, name).items():
                counts["bytes", key] += sums
        self._rules(columns, size)
        self._duplicates(columns)
        self._private(columns, here[CORPUS])
        for doc_id, each in redacted(rows.filter(pc.is_in(rows.doc_id, self._wanted))):
            self.shown[rows.shard, doc_id] = each

    def _rules(self, columns: dict[str, pa.Array], size: pa.Array) -> None:
        rules = columns["verdicts.rules"]
        table = pa.table({"rule": columns["verdicts.rule"], "bytes": size})
        self.first_bytes.update(_sums(table.filter(columns["verdicts.rule"].is_valid()), "rule"))
        self.every.update(_counted(pc.list_flatten(rules)))
        one = rules.filter(pc.equal(pc.list_value_length(rules), 1).fill_null(False))
        self.alone.update(_counted(pc.list_flatten(one)))

    def _duplicates(self, columns: dict[str, pa.Array]) -> None:
        near = columns["clusters.similarity"].filter(
            pc.equal(columns["clusters.reason"], "near").fill_null(False)
        )
        self.similar += np.histogram(near.to_numpy(zero_copy_only=False), _HUNDREDTHS)[0]
        heads = pc.and_(columns["clusters.keep"], pc.greater(columns["clusters.size"], 1))
        heads = heads.fill_null(False)
        self.sizes.update(_counted(columns["clusters.size"].filter(heads)))

    def _private(self, columns: dict[str, pa.Array], corpus: pa.Array) -> None:
        some = np.zeros(pc.sum(corpus).as_py() or 0, np.bool_)
        for kind in KIND_NAMES:
            if f"{PRIVATE}.{kind}" in columns:
                found = columns[f"{PRIVATE}.{kind}"].filter(corpus).fill_null(0)
                numbers = found.to_numpy(zero_copy_only=False)
                self.spans[kind] += int(numbers.sum())
                self.holding[kind] += int(np.count_nonzero(numbers))
                some |= numbers > 0
        self.holding["any"] += int(some.sum())


def columns(versions: Ancestry) -> dict[str, tuple[str, ...]]:
    """What the pass reads."""
    private = versions.versions[PRIVATE]
    mixture = {"mixture": ("keep",)} if versions.get("mixture") else {}
    kinds = tuple(kind for kind in KIND_NAMES if f"signals.{kind}" in private.columns)
    return {
        "documents": COLUMNS["documents"],
        "signals.language": ("language",),
        PRIVATE: (*spans_of(private), *kinds),
        "verdicts": ("keep", "rule", "rules"),
        "clusters": ("keep", "reason", "similarity", "size"),
        **mixture,
    }


def _sums(table: pa.Table, by: str) -> dict[str, int]:
    sums = table.group_by(by).aggregate([("bytes", "sum")])
    return dict(zip(sums[by].to_pylist(), sums["bytes_sum"].to_pylist(), strict=True))


def _add(counts: Counter[Any], name: str, column: pa.Array) -> None:
    for value, count in _counted(column).items():
        counts[name, value] += count


def _counted(column: pa.Array) -> dict[Any, int]:
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()}
