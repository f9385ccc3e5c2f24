"""The stage `documents`: the text of every page."""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, BinaryIO, ClassVar, NamedTuple

import pyarrow as pa
from pydantic import Field

from pipeline.block import Block
from pipeline.errors import DamagedFile
from pipeline.extract.errors import Reason, Refused
from pipeline.extract.extractor import AnyExtractor
from pipeline.extract.extractors.main_text import MainText
from pipeline.extract.limits import Limits
from pipeline.extract.media import text_type
from pipeline.extract.normalise import one_line, tag
from pipeline.extract.request import Reading, Refusal, Request
from pipeline.extract.wikitext import check
from pipeline.stage import Reads, Stage, Unit, one_to_one
from pipeline.warc_record import BadRecord, RecordTooLarge, read_response
from pipeline.work import Work
from schemas.artifact import Manifest
from schemas.document import DOCUMENTS

PAGE = ("url", "payload_sha256", "content_type", "text", "title")
PLACE = ("warc_file", "warc_offset", "warc_length")
BATCH_ROWS = 256


class _Page(NamedTuple):
    """A page on its way through the sandbox."""

    row: dict[str, Any]
    request: Request | Reading | Refusal
    encoding: str | None
    language: str | None = None  # as a source of texts says


class Documents(Stage):
    """Makes the text of every page: decoded, extracted, repaired, normalised.

    Text that shows no damage keeps every word and sign. Only its form may change: letters that
    Unicode calls equivalent get its one form for them (NFC: `e` with an accent behind it becomes
    `é`, and the dotted letters of Hindi become a letter and its dot), or the same words would be
    others to deduplication, the tokenizer and benchmarks; and space at line ends goes, with blank
    lines past the first, as HTML shows neither. Of plain text in NFC that loses the two spaces by
    which Markdown breaks a line, and the second blank line between functions.

    A page without any text is a document with the text "", for rules to judge. A page that no text
    can be made of is quarantined, with the reason.
    """

    extractor: AnyExtractor = MainText()
    repair: bool = Field(default=True, description="undo text that was read in a wrong encoding")
    limits: Limits = Limits()

    main: ClassVar[str | None] = "documents"
    follows: ClassVar[str | None] = "pages"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "text"

    def name(self) -> str:
        """What the stage makes."""
        return "documents"

    def blocks(self) -> tuple[Block, ...]:
        """The configured blocks."""
        return (self.extractor,)

    def code(self) -> tuple[str, ...]:
        """What runs in the parsing process."""
        return ("pipeline.extract.reading:read",)

    def reads(self) -> dict[str, Reads]:
        """Pages, and the WARC files that hold their payloads."""
        return {
            "pages": Reads(
                columns={"pages": PAGE}, volatile={"pages": PLACE}, carried=("*.warc.gz",)
            )
        }

    def tables(self) -> dict[str, pa.Schema]:
        """One row a page."""
        return {"documents": DOCUMENTS}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """A shard of documents for every shard of pages."""
        return one_to_one(inputs, "pages")

    def make(self, work: Work) -> None:
        """Read the pages of one shard."""
        from pipeline.extract.sandbox import Sandbox  # it imports parsers, which a plan needs not

        waiting: deque[_Page] = deque()
        rows: list[dict[str, Any]] = []
        with ExitStack() as open_files:
            sandbox = open_files.enter_context(
                Sandbox(self.extractor, self.limits, mend=self.repair)
            )
            requests = _noted(self._pages(work, open_files), waiting)
            for reading in sandbox.read(requests):
                rows.append(self._document(work, waiting.popleft(), reading))
                if len(rows) == BATCH_ROWS:
                    work.write("documents", pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS))
                    rows = []
        work.write("documents", pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS))

    def _pages(self, work: Work, open_files: ExitStack) -> Iterator[_Page]:
        """The pages of the unit, ready to be read or refused."""
        (shard,) = work.shards("pages")
        files: dict[str, BinaryIO] = {}
        for batch in work.batches("pages", "pages", ("doc_id", *PAGE, *PLACE)):
            for row in batch.to_pylist():
                name = row["warc_file"]
                if row["text"] is not None:
                    yield self._text(row)
                    continue
                if name not in files:
                    files[name] = open_files.enter_context(work.open("pages", name, shard=shard))
                yield self._page(row, files[name])

    def _text(self, row: dict[str, Any]) -> _Page:
        """A page that came as text."""
        said = text_type(row["content_type"])
        try:
            self.limits.check_size(f"{row['text']}{row['title'] or ''}{row['url']}".encode())
            if said.hidden is not None:
                check(row["text"], self.limits.depth)
        except Refused as refused:
            return _Page(row, Refusal(refused.reason, refused.problem), None, said.language)
        return _Page(row, self._read(row, said.hidden), None, said.language)

    def _read(self, row: dict[str, Any], hidden: str | None) -> Request | Reading:
        """A text as it is kept, where that takes no time worth watching; else a request."""
        from pipeline.extract.form import formed_at_once  # numba takes half a second to import

        found = formed_at_once(row["text"], mend=self.repair) if hidden is None else None
        if found is None:
            return Request(row["text"], row["url"], is_html=False, hidden=hidden)
        text, repaired = found
        return Reading(text, None, None, repaired=repaired)

    def _page(self, row: dict[str, Any], file: BinaryIO) -> _Page:
        from pipeline.extract.prepare import prepare  # it imports detectors of encodings

        try:
            payload = _payload(row, file, self.limits.page_bytes)
            request, encoding = prepare(payload, row["content_type"], row["url"], self.limits)
        except Refused as refused:
            return _Page(row, Refusal(refused.reason, refused.problem), None)
        return _Page(row, request, encoding)

    def _document(self, work: Work, page: _Page, reading: Reading | Refusal) -> dict[str, Any]:
        """The row of one page; a null text, and a word in the ledger, where it is refused."""
        row = {
            "doc_id": page.row["doc_id"],
            "url": page.row["url"],
            "encoding": page.encoding,
            "warc_file": page.row["warc_file"],
            "warc_offset": page.row["warc_offset"],
        }
        if isinstance(reading, Refusal):
            reason = reading.reason
            work.quarantine(
                row["doc_id"], reason, reading.problem, environmental=reason.environmental
            )
            return row
        return {
            **row,
            "text": reading.text,
            "title": reading.title or one_line(page.row["title"]),
            "declared_language": reading.language or tag(page.language),
            "extractor": self._parser(page.request),
            "repaired": reading.repaired,
        }

    def _parser(self, request: Request | Reading | Refusal) -> str | None:
        """What made a text of a page; None where it was one."""
        if not isinstance(request, Request) or not (request.is_html or request.hidden is not None):
            return None
        return self.extractor.kind() if request.is_html else "wikitext"


def _noted(pages: Iterator[_Page], waiting: deque[_Page]) -> Iterator[Request | Reading | Refusal]:
    """The requests of `pages`, which are put into `waiting` as they go by."""
    for page in pages:
        waiting.append(page)
        yield page.request


def _payload(row: dict[str, Any], file: BinaryIO, most_bytes: int) -> bytes:
    """The page as it was fetched, and the same bytes as then.

    Raises:
        Refused: it is larger than `most_bytes`.
        DamagedFile: the WARC file is not what the index of pages says.
    """
    try:
        response = read_response(
            file, row["warc_offset"], row["warc_length"], most_bytes=most_bytes
        )
    except RecordTooLarge as error:
        raise Refused(Reason.TOO_MANY_BYTES, f"it has more than {most_bytes:,} bytes") from error
    except BadRecord as error:
        raise DamagedFile(row["warc_file"], stage="pages", problem=str(error)) from error
    if hashlib.sha256(response.body).digest() != row["payload_sha256"]:
        problem = f"the page at byte {row['warc_offset']:,} has another hash than its index says"
        raise DamagedFile(row["warc_file"], stage="pages", problem=problem)
    return response.body
