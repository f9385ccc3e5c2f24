"""Stages that stand for all that lies before duplicate search: their rows are configuration."""

import hashlib
from typing import ClassVar, Literal, NamedTuple

import pyarrow as pa

from pipeline.stage import Stage, Unit
from schemas.column import column, doc_id
from schemas.document import DOCUMENTS
from schemas.page import PAGES, TOMBSTONES
from schemas.verdict import VERDICTS

WINDOWS = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
SECRET = "me@home.example"  # what private_data finds in texts
SPAN = pa.struct([("start", pa.int32()), ("stop", pa.int32()), ("kind", pa.string())])
SPANS = pa.schema(
    [doc_id(), *(column(name, pa.list_(SPAN), "spans") for name in ("spans", "title_spans"))]
)
LANGUAGES = pa.schema([doc_id(), column("language", pa.string(), "language")])


class Page(NamedTuple):
    """A page: quarantined without a text, dropped by a verdict without `keep`."""

    url: str
    text: str | None = None
    window: str = WINDOWS[0]
    keep: bool = True


def identity(page):
    return hashlib.sha256(f"{page.url}\n{page.text}".encode()).digest()[:16]


class Given(Stage):
    """One of the stages before duplicate search, for the same shards of pages."""

    kind: Literal["pages", "documents", "private_data", "language", "verdicts"]
    shards: tuple[tuple[Page, ...], ...]
    tombstones: tuple[tuple[str, str], ...] = ()  # URL and window, in the last shard
    main: ClassVar = None

    def name(self):
        return self.kind

    def reads(self):
        return {}

    def tables(self):
        return {
            "pages": {"pages": PAGES, "tombstones": TOMBSTONES},
            "documents": {"documents": DOCUMENTS},
            "private_data": {"signals": SPANS},
            "language": {"signals": LANGUAGES},
            "verdicts": {"verdicts": VERDICTS},
        }[self.kind]

    def units(self, inputs):
        return [Unit(shards=(f"{number:04d}",)) for number in range(len(self.shards))]

    def make(self, work):
        number = int(work.unit.shards[0])
        for table, schema in self.tables().items():
            rows = [self.row(Page(*page)) for page in self.shards[number]]
            if table == "tombstones":
                last = number == len(self.shards) - 1
                rows = [
                    {"doc_id": bytes(16), "url": url, "window": window, "why": "gone"}
                    for url, window in (self.tombstones if last else ())
                ]
            work.write(table, pa.Table.from_pylist(rows, schema=schema))
        if self.kind == "verdicts":
            for page in (Page(*page) for page in self.shards[number]):
                if page.text is None:
                    work.quarantine(identity(page), "broken", "It broke.")
                elif not page.keep:
                    work.drop(identity(page), "dull")

    def row(self, page):
        words = page.text or ""
        start = len(words.partition(SECRET)[0].encode())
        spans = [{"start": start, "stop": start + len(SECRET), "kind": "email"}]
        of_title = [{"start": 3, "stop": 3 + len(SECRET), "kind": "email"}]
        return {
            "doc_id": identity(page),
            "url": page.url,
            "source": "web",
            "window": page.window,
            "payload_sha256": hashlib.sha256(words.encode()).digest(),
            "text": page.text,
            "title": f"By {SECRET}" if SECRET in words else None,
            "spans": None if page.text is None else spans if SECRET in words else [],
            "title_spans": None if page.text is None else of_title if SECRET in words else [],
            "language": "en" if words.isascii() else "ja",
            "keep": None if page.text is None else page.keep,
        }


class GivenVerdicts(Given):
    """Verdicts, whose documents the stages after them account for."""

    main: ClassVar = "verdicts"
    live: ClassVar = "keep"


def given(shards, tombstones=()):
    """All the stages, by the names of their roles."""
    shards = tuple(tuple(tuple(page) for page in shard) for shard in shards)
    kinds = ("pages", "documents", "private_data", "language", "verdicts")
    return {
        kind: (GivenVerdicts if kind == "verdicts" else Given)(
            kind=kind, shards=shards, tombstones=tombstones
        )
        for kind in kinds
    }
