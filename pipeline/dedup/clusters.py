"""The stage `clusters`: of the documents that say the same, the one that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from pipeline.dedup.choice import Alike, Choice, Keep, Keys, choose, preferred
from pipeline.dedup.records import (
    BANDS,
    PLACED,
    SIGNED,
    SPANS,
    TEXT,
    Compare,
    Records,
    Texts,
    read_compared,
    read_records,
    read_texts,
)
from pipeline.dedup.shingling import UNSPACED, Shingling, Unspaced
from pipeline.overtaken import Overtaken, overtaken
from pipeline.stage import Reads, Stage, Unit, all_at_once
from schemas.cluster import CLUSTERS
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest

_REASONS = pa.array(["superseded", "removed", "exact", "near"])
_SUPERSEDED, _REMOVED, _EXACT, _NEAR = range(4)
_NOBODY = Choice(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.bool_))


class Clusters(Stage):
    """Keeps one document of those that say the same.

    First go the records that a newer window has overtaken: `superseded` by a newer record of the
    URL, or `removed`. Of the rest, texts that are equal (`exact`) and texts whose sets of word
    n-grams have a Jaccard similarity of `threshold` or more (`near`) are one cluster, around the
    document that stays: every other member is that similar to *it* (see `pairs`). Which one stays
    depends on the set of records alone; with `first` and `newest` on their windows too, so only
    `longest` gives the same corpus from a run from scratch as from many refreshes.

    Bands of signatures propose pairs; the texts decide. Only texts that share a band with another
    are read again, and of few that do only those whose signatures do not refuse each other. What is
    read is vouched for by their hashes, so no text enters the key.
    """

    main: ClassVar[str | None] = "clusters"
    follows: ClassVar[str | None] = "signatures"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "keep"

    threshold: float = Field(default=0.8, gt=0, le=1, description="least similarity of duplicates")
    words: int = Field(default=5, ge=1, le=50, description="words in a shingle, as in signatures")
    unspaced: Unspaced = Field(default="characters", description=f"{UNSPACED}, as in signatures")
    keep: Keep = Field(
        default="longest", description="whom to keep: most letters, oldest or newest window"
    )
    prefer: tuple[str, ...] = Field(
        default=(),
        description="sources and domains whose documents stay before all others, in this order",
    )
    widest: int = Field(
        default=1000, ge=1, description="texts of one bucket that a text is compared with"
    )

    def name(self) -> str:
        """What the stage makes."""
        return "clusters"

    def reads(self) -> dict[str, Reads]:
        """All signatures, what stands at every URL, and texts that may say the same."""
        return {
            "signatures": Reads(columns={"signatures": (*SIGNED, *BANDS)}),
            "pages": Reads(columns={"pages": PLACED, "tombstones": ("url", "window")}),
            "documents": Reads(volatile={"documents": TEXT}),
            "private_data": Reads(volatile={"signals": SPANS}),
        }

    def tables(self) -> dict[str, pa.Schema]:
        """One table, with the rows of `signatures`."""
        return {"clusters": CLUSTERS}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """All shards at once: any document may say the same as any other."""
        return all_at_once(inputs, [shard.name for shard in inputs["signatures"].shards])

    def make(self, work: Work) -> None:
        """Decide, and write the decision shard by shard."""
        records = read_records(work)
        tombstones = work.table("pages", "tombstones", ("url", "window"))
        decided = self.decide(
            records,
            tombstones,
            partial(read_compared, work, records.counts),
            partial(read_texts, work, records.counts),
        )
        start = 0
        for done, (shard, count) in enumerate(records.counts.items()):
            rows = decided.slice(start, count)
            work.write("clusters", rows, shard=shard)
            work.drop_all(self._left(rows), shard=shard)
            start += count
            work.progress(done + 1, len(records.counts))

    def _left(self, rows: pa.Table) -> pa.Table:
        """What the ledger says of the documents that leave."""
        left = rows.filter(pc.equal(rows["keep"], False))
        clusters, sizes = left["cluster"].to_pylist(), left["size"].to_pylist()
        similar = pc.equal(left["reason"], "near")
        return pa.table(
            {
                DOC_ID: left[DOC_ID],
                "rule": left["reason"],
                "value": left["similarity"].cast(pa.float64()),
                "threshold": pc.if_else(similar, self.threshold, pa.scalar(None, pa.float64())),
                "kept": left["kept"],
                "detail": pa.array(map(_cluster, clusters, sizes), pa.string()),
            }
        )

    def decide(
        self, records: Records, tombstones: pa.Table, compare: Compare, texts: Texts
    ) -> pa.Table:
        """The rows of `clusters` for these records.

        Most texts say what no other says, and only of them nothing more is read.
        """
        from pipeline.dedup.bands import in_company  # numba takes half a second to import

        gone = overtaken(records.table, tombstones)
        here = records.live & ~gone.superseded & ~gone.removed
        signed = here[records.live]  # whose keys these are
        company = in_company(records.keys, signed)
        chosen = np.flatnonzero(here)[company]
        choice = _NOBODY
        if len(chosen):
            compared = compare(chosen)
            choice = choose(
                compared,
                Keys(records.keys, np.flatnonzero(signed)[company]),
                lambda some: texts(chosen[some]),
                preferred(compared.table, self.keep, self.prefer),
                Alike(Shingling(self.words, self.unspaced), self.threshold, self.widest),
            )
        doc_ids = records.table[DOC_ID].combine_chunks()
        return _rows(doc_ids, records.live, here, gone, chosen, choice)


def _cluster(cluster: bytes | None, size: int | None) -> str | None:
    """A sentence for the ledger; a record that was overtaken is in no cluster."""
    return f"One of {size} documents of the cluster {cluster.hex()}." if cluster else None


def _rows(
    doc_ids: pa.Array,
    live: NDArray[np.bool_],
    here: NDArray[np.bool_],
    gone: Overtaken,
    chosen: NDArray[np.int64],
    choice: Choice,
) -> pa.Table:
    """The table `clusters`, from the choice among the records `chosen` of those that are `here`."""
    count = len(doc_ids)
    stays, reason = here.copy(), np.full(count, -1, np.int8)
    stays[chosen] = choice.kept == np.arange(len(chosen))
    reason[live & gone.superseded], reason[live & gone.removed] = _SUPERSEDED, _REMOVED
    reason[chosen] = np.where(choice.exact, _EXACT, _NEAR)
    reason[stays] = -1
    kept = np.where(live & gone.superseded, gone.newest, -1)
    kept[chosen] = chosen[choice.kept]
    kept[stays] = -1
    similarity, size = np.zeros(count, np.float32), np.ones(count, np.int32)
    similarity[chosen] = choice.similarity
    size[chosen] = np.bincount(choice.kept, minlength=len(chosen))[choice.kept]
    smallest = np.where(here, np.arange(count), -1)
    smallest[chosen] = chosen[_smallest(doc_ids.take(chosen), choice.kept)]
    return pa.table(
        [
            doc_ids,
            pa.array(stays, mask=~live),
            _REASONS.take(pa.array(reason, mask=reason < 0)),
            doc_ids.take(pa.array(kept, mask=kept < 0)),
            pa.array(similarity, mask=~here | stays),
            doc_ids.take(pa.array(smallest, mask=~here)),
            pa.array(size, mask=~here),
        ],
        schema=CLUSTERS,
    )


def _smallest(doc_ids: pa.Array, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every record the member of its cluster with the smallest doc_id."""
    by_id = pc.sort_indices(doc_ids).to_numpy()
    clusters, first = np.unique(kept[by_id], return_index=True)
    return np.asarray(by_id[first][np.searchsorted(clusters, kept)], np.int64)
