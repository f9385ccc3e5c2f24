"""The stage `corpus`: the clean, unique, redacted text, and the split each document is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from pipeline.redact import redact
from pipeline.shard.split import Split
from pipeline.side_by_side import Columns, side_by_side
from pipeline.stage import Reads, Stage, Unit, one_to_one
from pipeline.storage.base import OWN
from schemas.column import DOC_ID
from schemas.corpus import CORPUS

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest

TEXTS = (
    Columns("documents", "documents", ("url", "title", "text")),
    Columns("private_data", "signals", ("spans", "title_spans")),
    Columns("language", "signals", ("language",)),
)


class Corpus(Stage):
    """What all the work before was for; it opens in any program that reads Parquet.

    Texts and titles are redacted. URLs are not: they say what a document is and where it is from.
    """

    light: ClassVar[tuple[str, ...]] = ("clusters",)
    main: ClassVar[str | None] = "corpus"
    follows: ClassVar[str | None] = "clusters"

    split: Split = Field(default=Split(), description="which documents train, which validate")

    def name(self) -> str:
        """What the stage makes."""
        return "corpus"

    def sides(self) -> tuple[Columns, ...]:
        """Texts with their places, and which of them stay (`keep`)."""
        return (*TEXTS, Columns("clusters", "clusters", ("keep", "size")))

    def reads(self) -> dict[str, Reads]:
        """What stands side by side."""
        return {each.role: Reads(columns={each.table: each.names}) for each in self.sides()}

    def tables(self) -> dict[str, pa.Schema]:
        """One table, with a row for every document that stays."""
        return {"corpus": CORPUS}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for each of the documents that it chooses among."""
        return one_to_one(inputs, str(self.follows))

    def make(self, work: Work) -> None:
        """Write the documents of one shard that stay, or those of them that were not there."""
        staying = self._not_there(work)
        if staying is not None and not staying.any():
            return
        done = 0
        for columns in side_by_side(work, *self.sides()):
            keep = pc.fill_null(columns["keep"], False)
            if staying is not None:
                keep = pa.array(staying[done : done + len(keep)])
            done += len(keep)
            work.write("corpus", self.rows({k: v.filter(keep) for k, v in columns.items()}))

    def _not_there(self, work: Work) -> NDArray[np.bool_] | None:
        """Of each document whether it has to be written; the others' rows are taken over.

        A row says what the document is, and how large its cluster: where that is as it was, so is
        the row. None where no rows can be taken over, or too few.
        """
        rows = work.predecessor.standing("corpus") if work.predecessor else None
        if rows is None or work.predecessor is None:
            return None
        now, then = self._chosen(work.table), self._chosen(work.predecessor.table)
        if now[DOC_ID] != then[DOC_ID]:
            return None
        stayed = _array(then["keep"], False)
        places = np.full(len(stayed), OWN)
        places[stayed] = rows.places
        places[_array(now["size"], 0) != _array(then["size"], 0)] = OWN
        stays = _array(now["keep"], False)
        taken = rows._replace(places=places[stays])
        if not taken.few_differ:
            return None
        work.take_over("corpus", taken)
        return np.asarray(stays & (places == OWN))

    def _chosen(self, read: Callable[..., pa.Table]) -> dict[str, pa.ChunkedArray]:
        """What is said of every document by the roles that may say something else another time."""
        found: dict[str, pa.ChunkedArray] = {}
        for each in self.sides():
            if each.role in self.light:
                table = read(each.role, each.table, (DOC_ID, *each.names))
                found |= {name: table[name] for name in (DOC_ID, *each.names)}
        return found

    def rows(self, kept: Mapping[str, pa.Array]) -> pa.RecordBatch:
        """The rows of `corpus` for documents that stay."""
        groups = self.split.groups_of(kept["url"].to_pylist())
        side = {group: self.split.side_of(group) for group in set(groups)}
        columns = [
            kept[DOC_ID],
            kept["url"],
            redact(kept["title"], kept["title_spans"]),
            kept["language"],
            redact(kept["text"], kept["spans"]),
            pa.array([side[group] for group in groups], pa.string()),
            pa.array(groups, pa.string()),
            kept["size"],
        ]
        return pa.RecordBatch.from_arrays(columns, schema=CORPUS)


def _array(column: pa.ChunkedArray, null: object) -> NDArray[Any]:
    return np.asarray(column.fill_null(null).to_numpy())
