"""What documents hold of benchmarks: which items, how much of them, and whether they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.places import Place, receipts_of, row_of
from pipeline.store import Store
from schemas.artifact import Receipt
from schemas.column import DOC_ID

FAMILY = "signals.benchmark_overlap"


class Held(NamedTuple):
    """A document that holds much of an item."""

    share: float
    item: int
    place: Place  # without a URL
    kept: bool  # it is in the corpus


@dataclass
class Overlap:
    """What all documents together hold of a benchmark.

    Attributes:
        best: item -> the largest share of it that any document holds.
        best_kept: the same, of documents in the corpus.
        documents: documents that hold a share of `least` or more of an item.
        kept: those of them in the corpus.
        examples: the most telling documents, of different items.
    """

    best: dict[int, float] = field(default_factory=dict)
    best_kept: dict[int, float] = field(default_factory=dict)
    documents: int = 0
    kept: int = 0
    examples: list[Held] = field(default_factory=list)

    def items(self, least: float, *, kept: bool = False) -> int:
        """How many items have a document that holds such a share of them."""
        best = self.best_kept if kept else self.best
        return sum(share >= least for share in best.values())


def overlaps(
    store: Store, versions: Ancestry, *, least: float, examples: int = 3
) -> dict[str, Overlap]:
    """By benchmark; one that no document holds anything of is not there."""
    found: dict[str, Overlap] = defaultdict(Overlap)
    for place, items, kept in _documents(store, versions):
        counted = set()
        for each in items:
            overlap, item, share = found[each["benchmark"]], each["item"], each["share"]
            _raise_to(overlap.best, item, share)
            if kept:
                _raise_to(overlap.best_kept, item, share)
            if share >= least and each["benchmark"] not in counted:
                counted.add(each["benchmark"])
                overlap.documents += 1
                overlap.kept += kept
                overlap.examples = _told(
                    [*overlap.examples, Held(share, item, place, kept)], examples
                )
    return dict(found)


def url_of(store: Store, versions: Ancestry, place: Place) -> str:
    """Where a document is from."""
    row = row_of(store, versions.versions["documents"], "documents", ("url",), place)
    return str(row.values["url"]) if row else ""


def _documents(
    store: Store, versions: Ancestry
) -> Iterator[tuple[Place, list[dict[str, Any]], bool]]:
    """Documents that hold anything, what they hold, and whether the corpus has them."""
    corpus = versions.get("corpus")
    in_corpus = dict(receipts_of(store, corpus)) if corpus else {}
    for name, receipt in receipts_of(store, versions.versions[FAMILY]):
        kept = set(_ids(store, in_corpus[name])) if name in in_corpus else set()
        for batch in store.batches(receipt, "signals", (DOC_ID, "share", "items")):
            for row in batch.filter(batch["share"].is_valid()).to_pylist():
                if row["items"]:
                    yield Place(name, row[DOC_ID], ""), row["items"], row[DOC_ID] in kept


def _ids(store: Store, receipt: Receipt) -> Iterator[bytes]:
    for batch in store.batches(receipt, "corpus", (DOC_ID,)):
        yield from batch[DOC_ID].to_pylist()


def _raise_to(best: dict[int, float], item: int, share: float) -> None:
    best[item] = max(best.get(item, 0.0), share)


def _told(held: list[Held], count: int) -> list[Held]:
    """The largest shares first, those in the corpus before the rest, no item twice."""
    ordered = sorted(held, key=lambda each: (not each.kept, -each.share, each.item, each.place))
    first = {each.item: each for each in reversed(ordered)}
    return [each for each in ordered if first[each.item] is each][:count]
