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

from pipeline.dedup.choice import Alike, Choice, Keep, choose, preferred
from pipeline.dedup.records import PLACED, SIGNED, SPANS, TEXT, read_records, read_texts
from pipeline.overtaken import Overtaken, overtaken
from pipeline.stage import Reads, Stage, Unit, all_at_once
from schemas.cluster import CLUSTERS
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.dedup.sets import Texts
    from pipeline.work import Work
    from schemas.artifact import Manifest


class Clusters(Stage):
    """Keeps one document of those that say the same.

    First go the records that a newer window has overtaken: `superseded` by a newer record of the
    URL, or `removed`. Of the rest, texts that are equal (`exact`) and texts whose sets of word
    n-grams have a Jaccard similarity of `threshold` or more (`near`) are one cluster, around the
    document that stays: every other member is that similar to *it* (see `pairs`). Which one stays
    depends on the set of records alone; with `first` and `newest` on their windows too, so only
    `longest` gives the same corpus from a run from scratch as from many refreshes.

    Bands of signatures propose pairs; the texts decide. Only texts that share a band with another
    are read again, and what is read is vouched for by their hashes, so no text enters the key.
    """

    main: ClassVar[str | None] = "clusters"
    follows: ClassVar[str | None] = "signatures"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "keep"

    threshold: float = Field(default=0.8, gt=0, le=1, description="least similarity of duplicates")
    words: int = Field(default=5, ge=1, le=50, description="words in a shingle, as in signatures")
    rows: int = Field(default=7, ge=1, le=100, description="values in a band, as in signatures")
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
            "signatures": Reads(columns={"signatures": SIGNED}),
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
        texts = partial(read_texts, work, records.counts)
        decided = self.decide(records.table, records.signatures, tombstones, texts)
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
        self,
        records: pa.Table,
        signatures: NDArray[np.uint32],
        tombstones: pa.Table,
        texts: Texts,
    ) -> pa.Table:
        """The rows of `clusters` for these records; see `Records` and `sets.Texts`."""
        gone = overtaken(records, tombstones)
        live = records["text_sha256"].is_valid().to_numpy()
        here = live & ~gone.superseded & ~gone.removed
        places, present = np.flatnonzero(here), records.filter(here)
        choice = choose(
            present,
            signatures if here[live].all() else signatures[here[live]],
            lambda chosen: texts(places[chosen]),
            preferred(present, self.keep, self.prefer),
            Alike(self.words, self.rows, self.threshold, self.widest),
        )
        return _rows(records[DOC_ID].combine_chunks(), live, places, gone, choice)


def _cluster(cluster: bytes | None, size: int | None) -> str | None:
    """A sentence for the ledger; a record that was overtaken is in no cluster."""
    return f"One of {size} documents of the cluster {cluster.hex()}." if cluster else None


def _rows(
    doc_ids: pa.Array,
    live: NDArray[np.bool_],
    here: NDArray[np.int64],
    gone: Overtaken,
    choice: Choice,
) -> pa.Table:
    """The table `clusters`, from the choice among the records `here`."""
    count = len(doc_ids)
    stays = np.zeros(count, np.bool_)
    stays[here] = choice.kept == np.arange(len(here))
    reason = np.full(count, None, object)
    reason[live & gone.superseded], reason[live & gone.removed] = "superseded", "removed"
    reason[here] = np.where(choice.exact, "exact", "near")
    reason[stays] = None
    kept = np.where(live & gone.superseded, gone.newest, -1)
    kept[here] = here[choice.kept]
    kept[stays] = -1
    similarity, size = np.zeros(count, np.float32), np.zeros(count, np.int32)
    similarity[here] = choice.similarity
    size[here] = np.bincount(choice.kept, minlength=len(here))[choice.kept]
    smallest = np.full(count, -1, np.int64)
    smallest[here] = here[_smallest(doc_ids.take(here), choice.kept)]
    return pa.table(
        [
            doc_ids,
            pa.array(stays, mask=~live),
            pa.array(reason, pa.string()),
            doc_ids.take(pa.array(kept, mask=kept < 0)),
            pa.array(similarity, mask=_outside(here, count) | stays),
            doc_ids.take(pa.array(smallest, mask=smallest < 0)),
            pa.array(size, mask=_outside(here, count)),
        ],
        schema=CLUSTERS,
    )


def _smallest(doc_ids: pa.Array, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every record the member of its cluster with the smallest doc_id."""
    by_id = pc.sort_indices(doc_ids).to_numpy()
    clusters, first = np.unique(kept[by_id], return_index=True)
    return np.asarray(by_id[first][np.searchsorted(clusters, kept)], np.int64)


def _outside(here: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    outside = np.ones(count, np.bool_)
    outside[here] = False
    return outside
