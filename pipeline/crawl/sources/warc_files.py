"""Pages from WARC files."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import Field

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.identity import doc_id
from pipeline.crawl.page_type import page_type
from pipeline.crawl.source import Found, Page, Refused, Rest, Source, Visit
from pipeline.crawl.warc_reader import Damage, Record, WarcReader
from pipeline.warc_record import BadRecord, RecordTooLarge, Response, parse_response

ENDINGS = (".warc", ".warc.gz")
HEAD_BYTES = 1 << 20  # of a response, above its body

log = logging.getLogger(__name__)


class WarcFiles(Source):
    """Reads the HTML and plain-text pages out of WARC files, plain or gzip: Common Crawl's, say.

    Of the records, responses of status 200 are taken; of several with one address the first, and
    the others go to the ledger. What else the files hold is counted in the log.

    Fields:
        paths: files or patterns, `crawl/*.warc.gz`; `**` means folders at any depth, `{date}`
            a day: a window takes the files of days up to its own.
        most_bytes: of one page, unpacked; a larger one is quarantined.
        tolerate_damage: keep what stands before the damage in a broken file and warn; otherwise
            that is an error once everything else is read.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    most_bytes: int = Field(default=10 << 20, gt=0)
    tolerate_damage: bool = False

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        files = files_of(self.paths, visit.window)
        left_out: Counter[str] = Counter()
        damaged: list[str] = []
        pages = 0
        for number, file in enumerate(files, 1):
            try:
                for found in self._pages(file, left_out):
                    pages += isinstance(found, Page)
                    yield found
            except Damage as damage:
                damaged.append(f"{file.path}: {damage}")
                log.warning("%s is damaged: %s; what stands before is kept.", file.path, damage)
            visit.progress(number, len(files))
        log.info("Left out of %d WARC files: %s.", len(files), dict(left_out) or "nothing")
        if damaged and not self.tolerate_damage:
            raise DamagedSource(
                "; ".join(damaged),
                problem=f"{len(damaged)} of {len(files)} files are damaged",
                remedy="Fetch them again, or set tolerate_damage = true to keep what stands "
                "before the damage.",
            )
        if not pages and not visit.earlier:
            raise NothingFound(
                ", ".join(self.paths),
                because=f"The files hold no HTML or plain-text response; left out: "
                f"{dict(left_out)}.",
                remedy="Check that they are WARC files with response records (WET and WAT hold "
                "none).",
            )
        if not damaged:
            yield Rest("gone")

    def _pages(self, file: SourceFile, left_out: Counter[str]) -> Iterator[Page | Refused]:
        if not file.name.endswith(ENDINGS):
            raise BadSourceFile(
                str(file.path),
                problem=f"it is none of {', '.join(ENDINGS)}",
                remedy="Convert ARC and lz4 files with `warcio recompress`, or name others.",
            )
        with WarcReader(file.path, most_bytes=2 * self.most_bytes + HEAD_BYTES) as reader:
            for record in reader.records():
                found = self._judge(record)
                if not isinstance(found, str):
                    yield found
                else:
                    left_out[found] += 1

    def _judge(self, record: Record) -> Page | Refused | str:
        """The page in a record, or why there is none."""
        kind = record.fields.get("warc-type", "")
        if kind != "response":
            return f"{kind or 'untyped'} records"
        url = canonical(record.fields.get("warc-target-uri", "").strip("<> "))
        if url is None:
            return "addresses that are none"
        too_large = f"it has more than {self.most_bytes:,} bytes"
        if record.block is None:
            return _refused(url, record, "too_many_bytes", too_large)
        try:
            response = parse_response(record.block, most_bytes=self.most_bytes)
        except RecordTooLarge:
            return _refused(url, record, "too_many_bytes", too_large)
        except BadRecord:
            return _refused(url, record, "unreadable_response", "there is no HTTP response in it")
        if response.status != 200:
            return f"status {response.status}"
        if page_type(response.headers.get("content-type"), response.body) is None:
            return "other types"
        return _page(url, record, response)


def _refused(url: str, record: Record, why: str, detail: str) -> Refused:
    """A record without a page; known by its header, since what it holds may not have been held."""
    header = repr(sorted(record.fields.items())).encode()
    return Refused(doc_id("warc", url, hashlib.sha256(header).digest()), url, why, detail)


def _page(url: str, record: Record, response: Response) -> Page:
    sha256 = hashlib.sha256(response.body).digest()
    return Page(
        url=url,
        source="warc",
        doc_id=doc_id("warc", url, sha256),
        payload_sha256=sha256,
        content_type=response.headers.get("content-type"),
        body=response.body,
        fetched=_moment(record.fields.get("warc-date", "")),
        status=response.status,
        headers=tuple(response.headers.items()),
        address=record.fields.get("warc-ip-address", ""),
        record_id=record.fields.get("warc-record-id", ""),
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
