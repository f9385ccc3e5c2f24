"""Writing the pages of one shard: rows of the index, and their bodies as WARC segments."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from pipeline.crawl.rights import Rights
from pipeline.crawl.source import Page
from pipeline.crawl.warc import Placed, WarcWriter, record_id
from pipeline.work import Work
from schemas.page import PAGES

SOFTWARE = "Penstock"
SEGMENT_BYTES = 1 << 29  # a take-down writes a segment anew: half a gigabyte, then the next one
BATCH_BYTES = 8 << 20
PLACE = ("warc_file", "warc_offset", "warc_length", "warc_record_id")
NOWHERE = (None, None, None, None)


class ShardWriter:
    """One shard on its way. Pages come in the order in which they shall lie."""

    def __init__(self, work: Work, shard: str) -> None:
        self.shard = shard
        self.documents = 0
        self._work = work
        self._segment: WarcWriter | None = None
        self._segment_name = ""
        self._segments = 0
        self._pages: list[Page] = []
        self._placed: list[tuple[str | int | None, ...]] = []
        self._bytes = 0

    def put(self, page: Page) -> None:
        """Append a page."""
        if page.body is None and not page.member:
            self._placed.append(NOWHERE)
        else:
            placed = self._body(page)
            self._placed.append((self._segment_name, *placed[:2], placed.record_id))
            page = page._replace(body=None, member=None)  # nothing holds it any longer
        self._pages.append(page)
        self.documents += 1
        self._bytes += 1024 + len(page.text or "")
        if self._bytes > BATCH_BYTES:
            self._flush()

    def close(self) -> None:
        """Hand over what is left."""
        self._flush()
        if self._segment:
            self._segment.__exit__(None, None, None)
            self._segment = None

    def _body(self, page: Page) -> Placed:
        if self._segment is None or self._segment.size > SEGMENT_BYTES:
            self._segment = self._next_segment()
        if page.member:
            return self._segment.append(page.member, page.record_id)
        return self._segment.response(
            page.url,
            status=page.status or 200,
            headers=page.headers,
            body=page.body or b"",
            fetched=page.fetched or datetime.now(UTC),
            record=page.record_id or record_id(page.doc_id, self._work.window.encode()),
            address=page.address,
        )

    def _next_segment(self) -> WarcWriter:
        if self._segment:
            self._segment.__exit__(None, None, None)
        self._segment_name = f"segment-{self._segments:05d}.warc.gz"
        self._segments += 1
        folder: Path = self._work.scratch / self.shard
        folder.mkdir(exist_ok=True)
        path = folder / self._segment_name
        self._work.add_file(self._segment_name, path, shard=self.shard)
        return WarcWriter(path, software=SOFTWARE, made=datetime.now(UTC))

    def _flush(self) -> None:
        if self._pages:
            told = {
                **_columns(Page._fields, self._pages),
                **_columns(Rights._fields, [page.rights for page in self._pages]),
                **_columns(PLACE, self._placed),
                "window": [self._work.window] * len(self._pages),
            }
            columns = [pa.array(told[field.name], field.type) for field in PAGES]
            batch = pa.RecordBatch.from_arrays(columns, schema=PAGES)
            self._work.write("pages", batch, shard=self.shard)
        self._pages, self._placed, self._bytes = [], [], 0


def _columns(
    names: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> dict[str, tuple[object, ...]]:
    """The values of rows by column."""
    return dict(zip(names, zip(*rows, strict=True), strict=True))
