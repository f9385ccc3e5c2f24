"""A stage that stands for the crawl: its pages are configuration."""

import hashlib
from datetime import UTC, datetime
from typing import ClassVar

import pyarrow as pa

from pipeline.crawl.warc import WarcWriter, record_id
from pipeline.stage import Stage, Unit
from schemas.page import PAGES
from schemas.record import Record

WHEN = datetime(2026, 11, 22, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


class Given(Record):
    """A page: a body of bytes, or a text."""

    url: str
    body: bytes = b""
    content_type: str | None = HTML
    text: str | None = None
    title: str | None = None
    wrong_hash: bool = False


class GivenPages(Stage):
    """The given pages, some in each shard."""

    pages: tuple[Given, ...]
    per_shard: ClassVar[int] = 100
    main: ClassVar = "pages"
    live: ClassVar = "payload_sha256"

    def name(self):
        return "pages"

    def config(self):
        return {"pages": repr(self.pages)}  # bytes have no place in a key

    def reads(self):
        return {}

    def tables(self):
        return {"pages": PAGES}

    def units(self, inputs):
        return [Unit(shards=(f"{n:03d}",)) for n in range(-(-len(self.pages) // self.per_shard))]

    def make(self, work):
        first = int(work.unit.shards[0]) * self.per_shard
        path = work.scratch / "pages.warc.gz"
        with WarcWriter(path, software="test", made=WHEN) as warc:
            rows = [row(page, warc) for page in self.pages[first : first + self.per_shard]]
        work.add_file("pages.warc.gz", path)
        work.write("pages", pa.RecordBatch.from_pylist(rows, schema=PAGES))


def row(page, warc):
    payload = hashlib.sha256(b"x" if page.wrong_hash else page.body).digest()
    found = {
        "doc_id": hashlib.sha256(page.url.encode()).digest()[:16],
        "url": page.url,
        "source": "jsonl" if page.text is not None else "web",
        "window": "2026-11-22T00:00:00Z",
        "payload_sha256": payload,
        "content_type": page.content_type,
        "text": page.text,
        "title": page.title,
    }
    if page.text is not None:
        return found
    placed = warc.response(
        page.url,
        status=200,
        headers=[("Content-Type", page.content_type or "")],
        body=page.body,
        fetched=WHEN,
        record=record_id(page.url.encode()),
    )
    place = {"warc_offset": placed.offset, "warc_length": placed.length}
    return {**found, "warc_file": "pages.warc.gz", **place}
