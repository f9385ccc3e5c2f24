"""The stage `clusters`: of the documents that say the same, the one that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from pipeline.dedup.choice import Choice, Keep, choose
from pipeline.overtaken import Overtaken, overtaken
from pipeline.side_by_side import Columns, side_by_side
from pipeline.stage import Reads, Stage, Unit, all_at_once
from schemas.cluster import CLUSTERS
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest

_SIGNED = ("text_sha256", "letters", "shingles", "minhash")


class Records(NamedTuple):
    """What `clusters` decides about, and where it lies.

    Attributes:
        table: doc_id, url, window, text_sha256, letters, shingles of all shards, in order.
        signatures: of the records that are live, in order, (live, values).
        counts: shard -> its records.
    """

    table: pa.Table
    signatures: NDArray[np.uint32]
    counts: dict[str, int]


class Clusters(Stage):
    """Keeps one document of those that say the same.

    First go the records that a newer window has overtaken: `superseded` by a newer record of the
    URL, or `removed`. Of the rest, texts that are equal (`exact`) and texts whose estimated
    Jaccard similarity is `threshold` or more (`near`) are one cluster, around the document that
    stays: every other member is that similar to *it* (see `pairs`). Which one stays depends on the
    set of records alone; with `first` and `newest` on their windows too, so only `longest` gives
    the same corpus from a run from scratch as from many refreshes.

    The estimate's standard error is 0.034 at a similarity of 0.8 with 140 values.
    """

    main: ClassVar[str | None] = "clusters"
    follows: ClassVar[str | None] = "signatures"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "keep"

    threshold: float = Field(default=0.8, gt=0, le=1, description="least similarity of duplicates")
    rows: int = Field(default=7, ge=1, le=100, description="values in a band, as in signatures")
    keep: Keep = Field(
        default="longest", description="whom to keep: most letters, oldest or newest window"
    )
    widest: int = Field(
        default=1000, ge=1, description="texts of one bucket that a text is compared with"
    )

    def name(self) -> str:
        """What the stage makes."""
        return "clusters"

    def reads(self) -> dict[str, Reads]:
        """All signatures, and what stands at every URL."""
        return {
            "signatures": Reads(columns={"signatures": _SIGNED}),
            "pages": Reads(columns={"pages": ("url", "window"), "tombstones": ("url", "window")}),
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
        decided = self.decide(records.table, records.signatures, tombstones)
        start = 0
        for done, (shard, count) in enumerate(records.counts.items()):
            rows = decided.slice(start, count)
            work.write("clusters", rows, shard=shard)
            left = rows.filter(pc.equal(rows["keep"], False))
            for row in left.select([DOC_ID, "reason", "similarity", "kept"]).to_pylist():
                work.drop(
                    row[DOC_ID],
                    row["reason"],
                    value=row["similarity"],
                    threshold=self.threshold if row["reason"] == "near" else None,
                    kept=row["kept"],
                    shard=shard,
                )
            start += count
            work.progress(done + 1, len(records.counts))

    def decide(
        self, records: pa.Table, signatures: NDArray[np.uint32], tombstones: pa.Table
    ) -> pa.Table:
        """The rows of `clusters` for these records; see `Records`."""
        gone = overtaken(records, tombstones)
        live = records["text_sha256"].is_valid().to_numpy()
        here = live & ~gone.superseded & ~gone.removed
        choice = choose(
            records.filter(here),
            signatures[here[live]],
            keep=self.keep,
            rows=self.rows,
            threshold=self.threshold,
            widest=self.widest,
        )
        return _rows(records[DOC_ID].combine_chunks(), live, np.flatnonzero(here), gone, choice)


def read_records(work: Work) -> Records:
    """All records of all shards, each with its page's URL and window."""
    tables, signatures, counts = [], [], {}
    for shard in work.unit.shards:
        counts[shard] = 0
        for columns in side_by_side(
            work,
            Columns("signatures", "signatures", _SIGNED),
            Columns("pages", "pages", ("url", "window")),
            shard=shard,
        ):
            signed = columns.pop("minhash").drop_null()
            if len(signed):
                signatures.append(signed.flatten().to_numpy().reshape(len(signed), -1))
            tables.append(pa.table(columns))
            counts[shard] += tables[-1].num_rows
    empty = pa.schema(
        [
            (DOC_ID, pa.binary(16)),
            ("text_sha256", pa.binary(32)),
            ("letters", pa.int32()),
            ("shingles", pa.int32()),
            ("url", pa.string()),
            ("window", pa.string()),
        ]
    ).empty_table()
    return Records(
        table=pa.concat_tables(tables) if tables else empty,
        signatures=np.concatenate(signatures) if signatures else np.empty((0, 0), np.uint32),
        counts=counts,
    )


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
