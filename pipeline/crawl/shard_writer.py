"""Writing the pages of one shard: rows of the index, and their bodies as WARC segments."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from pipeline.crawl.source import Page
from pipeline.crawl.warc import Placed, WarcWriter, record_id
from pipeline.work import Work
from schemas.page import PAGES

SOFTWARE = "Penstock"
SEGMENT_BYTES = 1 << 29  # a take-down writes a segment anew: half a gigabyte, then the next one
BATCH_BYTES = 8 << 20
NOWHERE = (None, None)


class ShardWriter:
    """One shard on its way. Pages come in the order in which they shall lie."""

    def __init__(self, work: Work, shard: str) -> None:
        self.shard = shard
        self.documents = 0
        self._work = work
        self._segment: WarcWriter | None = None
        self._segment_name = ""
        self._segments = 0
        self._rows: list[dict[str, object]] = []
        self._bytes = 0

    def put(self, page: Page) -> None:
        """Append a page."""
        placed = self._body(page) if page.body is not None or page.member else None
        offset, length = placed[:2] if placed else NOWHERE
        self._rows.append(
            {
                **{name: getattr(page, name, None) for name in PAGES.names},
                **page.rights._asdict(),
                "window": self._work.window,
                "warc_file": self._segment_name if placed else None,
                "warc_offset": offset,
                "warc_length": length,
                "warc_record_id": placed.record_id if placed else None,
            }
        )
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
        if self._rows:
            batch = pa.RecordBatch.from_pylist(self._rows, schema=PAGES)
            self._work.write("pages", batch, shard=self.shard)
        self._rows, self._bytes = [], 0
