"""The page in a record of somebody's WARC file, or why there is none."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.identity import doc_id, payload_of_text
from pipeline.crawl.member_memory import MemberMemory, Met
from pipeline.crawl.page_type import page_type
from pipeline.crawl.source import TEXT_TYPE, Page, Refused
from pipeline.crawl.warc_digest import is_whole
from pipeline.crawl.warc_reader import Record, WarcReader
from pipeline.warc_record import (
    BadRecord,
    RecordTooLarge,
    Response,
    parse_response,
    payload_of,
    unchunked,
)

HEAD_BYTES = 1 << 20  # of a response, above its body
OTHER_BYTES = "its bytes are others than its digest says"


def held(most_bytes: int) -> int:
    """The bytes of a record to hold, for a page of at most so many: it may lie there packed."""
    return 2 * most_bytes + HEAD_BYTES


def pages_in(
    file: BinaryIO, *, most_bytes: int, memory: MemberMemory | None = None
) -> Iterator[Page | Refused | str | Met]:
    """What is in each record of a WARC file, which is closed in the end; see `page_in`.

    With a memory, instead of records that it knows what they are.

    Raises:
        Damage: what follows is damaged or missing.
    """
    with WarcReader(file, most_bytes=held(most_bytes), memory=memory) as reader:
        for record in reader.records():
            if isinstance(record, Met):
                yield record
                continue
            found = page_in(record, most_bytes=most_bytes)
            reader.note(found)
            yield found


def page_in(record: Record, *, most_bytes: int) -> Page | Refused | str:
    """The page in a record; else what it is instead, in words for counting.

    Args:
        record: of anybody's file.
        most_bytes: of the page, unpacked.
    """
    kind = record.fields.get("warc-type", "")
    media = record.fields.get("content-type", "").partition(";")[0].strip()
    is_text = kind == "conversion" and media == "text/plain"  # WET
    if kind != "response" and not is_text:
        return f"{kind or 'untyped'} records"
    url = canonical(record.fields.get("warc-target-uri", "").strip("<> "))
    if url is None:
        return "addresses that are none"
    if record.block is None or (is_text and len(record.block) > most_bytes):
        return _refused(url, record, "too_many_bytes", _too_large(most_bytes))
    if is_text:
        return _text(url, record, record.block)
    return _response(url, record, record.block, most_bytes)


def _response(url: str, record: Record, block: bytes, most_bytes: int) -> Page | Refused | str:
    try:
        response = parse_response(block, most_bytes=most_bytes)
    except RecordTooLarge:
        return _refused(url, record, "too_many_bytes", _too_large(most_bytes))
    except BadRecord:
        return _refused(url, record, "unreadable_response", "there is no HTTP response in it")
    if response.status != 200:
        return f"status {response.status}"
    if page_type(response.headers.get("content-type"), response.body) is None:
        return "other types"
    payload = payload_of(block)
    forms = (lambda: payload, lambda: response.body, lambda: unchunked(payload))
    if not is_whole(record.fields, block, *forms):
        return _refused(url, record, "damaged_record", OTHER_BYTES)
    return _page(url, record, response)


def _too_large(most_bytes: int) -> str:
    return f"it has more than {most_bytes:,} bytes"


def _refused(url: str, record: Record, why: str, detail: str) -> Refused:
    """A record without a page; known by its header, since what it holds may not have been held."""
    header = repr(sorted(record.fields.items())).encode()
    return Refused(doc_id("warc", url, hashlib.sha256(header).digest()), url, why, detail)


def _text(url: str, record: Record, block: bytes) -> Page | Refused:
    """A page of which an archive holds the text alone."""
    if not is_whole(record.fields, block, lambda: block):
        return _refused(url, record, "damaged_record", OTHER_BYTES)
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return _refused(url, record, "undecodable", "a text in it is no UTF-8")
    payload = payload_of_text(text, None, None)
    return Page(
        url=url,
        source="warc",
        doc_id=doc_id("warc", url, payload),
        payload_sha256=payload,
        content_type=TEXT_TYPE,
        text=text,
        fetched=_moment(record.fields.get("warc-date", "")),
        record_id=record.fields.get("warc-record-id", ""),
    )


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
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no time, or in UTC outside of the years 1 to 9999
        return None
