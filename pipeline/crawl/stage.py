"""The stage `pages`: bytes from the world, and the index that says where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from pipeline.block import Block
from pipeline.crawl.delta import Delta
from pipeline.crawl.earlier import ROLE, read_earlier
from pipeline.crawl.source import AnySource, Found, Noted, Page, Same, Unchanged, Visit
from pipeline.crawl.waiting import Waiting
from pipeline.stage import Reads, Stage, Unit
from pipeline.work import Work
from schemas.artifact import Exactness, Manifest
from schemas.column import group_of
from schemas.page import PAGES, TOMBSTONES


class Pages(Stage):
    """Visits a source, and writes what is new, changed or gone since the earlier window.

    The earlier version's shards are part of the new one as they are; the shards written here hold
    the difference. Without an earlier version the difference is everything.
    """

    exactness: ClassVar[Exactness] = Exactness.OBSERVED
    main: ClassVar[str | None] = "pages"

    source: AnySource
    limit: int | None = Field(
        default=None, gt=0, description="pages to take at each visit; all by default"
    )

    def name(self) -> str:
        """`pages`."""
        return "pages"

    def reads(self) -> dict[str, Reads]:
        """The earlier version, where there is one: its index, its tombstones, its bodies."""
        tables = {"pages": PAGES, "tombstones": TOMBSTONES}
        return {
            ROLE: Reads(
                columns={name: _columns(table, volatile=False) for name, table in tables.items()},
                volatile={"pages": _columns(PAGES, volatile=True)},
                carried=("*.warc.gz",),
            )
        }

    def tables(self) -> dict[str, pa.Schema]:
        """The index, and what is gone."""
        return {"pages": PAGES, "tombstones": TOMBSTONES}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One visit; which shards come out shows only then."""
        earlier = {
            role: tuple(shard.name for shard in manifest.shards)
            for role, manifest in inputs.items()
        }
        return (Unit(open=True, inputs=earlier),)

    def carries(self, inputs: Mapping[str, Manifest]) -> tuple[str, ...]:
        """The earlier version's shards stay."""
        return (ROLE,) if ROLE in inputs else ()

    def blocks(self) -> tuple[Block, ...]:
        """The source."""
        return (self.source,)

    def config(self) -> dict[str, Any]:
        """Without what decides only how fast the source is read."""
        config = super().config()
        config["source"] = {
            name: value for name, value in config["source"].items() if name not in self.source.pace
        }
        return config

    def make(self, work: Work) -> None:
        """Visit the source once."""
        earlier = read_earlier(work)
        taken_down = work.taken_down()
        keeps_out, noted = taken_down.keeps_out, partial(work.notes.earlier, ROLE)
        visit = Visit(work.window, earlier, work.journal, work.progress, keeps_out, noted)
        delta = Delta(work, earlier, source=self.source.kind())
        waiting = Waiting(work.journal)
        for found in self._visited(visit):
            if isinstance(found, Noted):
                work.notes.put(found.name, found.rows)
            elif isinstance(found, Unchanged):
                delta.note_unchanged(found, taken_down)
            elif not isinstance(found, Page):
                delta.note(found)
            elif keeps_out(found.url):
                delta.leave_out(found.url, found.doc_id)
            elif delta.is_new(found):
                (delta.write if self.source.ordered else waiting.put)(found)
        delta.write_all(waiting)
        delta.finish()

    def _visited(self, visit: Visit) -> Iterator[Found]:
        """What the source tells, up to the limit; earlier pages beyond it are left as they are."""
        told = self.source.visit(visit)
        if self.limit is None:
            yield from told
            return
        pages = 0
        for found in _one_by_one(told):
            if pages == self.limit:
                return
            if isinstance(found, Page):
                pages += not visit.taken_down(found.url)
            elif isinstance(found, Unchanged):
                pages += not visit.taken_down(visit.earlier.url(found.numbers[0]))
            elif isinstance(found, Same):
                pages += 1
            yield found


def _one_by_one(told: Iterator[Found]) -> Iterator[Found]:
    for found in told:
        if isinstance(found, Unchanged):
            yield from found.one_by_one()
        else:
            yield found


def _columns(table: pa.Schema, *, volatile: bool) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in table
        if field.name != "doc_id" and (group_of(field) is None) is volatile
    )
