"""Single records out of an archive that lies on a server, as a columnar index lists them.

The archive is local, laid out as Common Crawl's: WARC files below a base, an index in Parquet.
"""

import io
import tarfile
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.source import Page, Refused, Rest, Visit
from pipeline.crawl.sources.warc_index import WarcIndex
from tests.pipeline.crawl.conftest import DATA, WINDOW, earlier_of
from tests.pipeline.crawl.site import Reply

FILE = "crawl-data/CC-MAIN-2026-40/segments/1/warc/a.warc.gz"
PAGES = (
    ("http://a.example.org/", "example.org", "eng", 200),
    ("http://b.example.org/", "example.org", "deu,eng", 200),
    ("http://example.net/", "example.net", "eng,deu", 200),
    ("http://example.org/away", "example.org", "eng", 301),
)


class Archive:
    """A WARC file on a server, and its index."""

    def __init__(self, site, folder):
        self.site, self.index = site, folder / "index.parquet"
        self.asked = []
        packed = io.BytesIO()
        writer = WARCWriter(packed, gzip=True)
        self.rows = []
        for url, domain, languages, status in PAGES:
            offset = packed.tell()
            head = StatusAndHeaders(f"{status} OK", [("Content-Type", "text/html")], "HTTP/1.1")
            body = io.BytesIO(f"<p>This is {url}".encode())
            record = writer.create_warc_record(url, "response", payload=body, http_headers=head)
            writer.write_record(record)
            self.rows.append(
                {
                    "url": url,
                    "url_host_registered_domain": domain,
                    "content_languages": languages,
                    "fetch_status": status,
                    "warc_filename": FILE,
                    "warc_record_offset": offset,
                    "warc_record_length": packed.tell() - offset,
                }
            )
        self.content = packed.getvalue()
        site.pages[f"/{FILE}"] = self.part
        self.write_index()

    def write_index(self):
        pq.write_table(pa.Table.from_pylist(self.rows), self.index)

    def part(self, request):
        start, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        self.asked.append(int(start))
        piece = self.content[int(start) : int(last) + 1]
        return Reply(piece, 206, "application/octet-stream")


@pytest.fixture
def archive(site, tmp_path):
    return Archive(site, tmp_path)


def visit(archive, earlier=None, **settings):
    quick = {
        "base": f"{archive.site.url}/",
        "loopback": True,
        "backoff_seconds": 0.01,
        "retries": 3,
    }
    source = WarcIndex(index=(str(archive.index),), **quick | settings)
    known = earlier or nothing_earlier()
    return list(source.visit(Visit(WINDOW, known, None, lambda done, of: None)))


def urls(found):
    return [each.url for each in found if isinstance(each, Page)]


def test_each_record_that_is_listed_becomes_its_page_in_the_order_of_the_index(archive):
    *pages, rest = visit(archive)
    assert [page.url for page in pages] == [url for url, *_, status in PAGES if status == 200]
    assert pages[1].body == b"<p>This is http://b.example.org/"
    assert rest == Rest("gone")
    assert len(archive.asked) == 3  # the redirect is not asked for


def test_a_page_of_common_crawl_comes_out_as_it_lies_in_its_file(archive):
    packed = DATA / "warc.tar.gz"
    if not packed.exists():
        pytest.skip("shared/data/web/warc.tar.gz is not here")
    with tarfile.open(packed) as files:
        archive.content = files.extractfile("whirlwind/whirlwind.warc.gz").read()
    records = ArchiveIterator(io.BytesIO(archive.content))
    for record in records:
        if record.rec_type == "response":
            url, body = record.rec_headers["WARC-Target-URI"], record.content_stream().read()
            records.read_to_end(record)
            place = (records.get_record_offset(), records.get_record_length())
    where = dict(zip(("warc_record_offset", "warc_record_length"), place, strict=True))
    archive.rows = [archive.rows[0] | where]
    archive.write_index()
    page, _ = visit(archive)
    assert (page.url, page.body) == (url, body)


def test_only_the_domains_and_main_languages_that_are_named_are_asked_for(archive):
    assert urls(visit(archive, domains=("example.net",))) == ["http://example.net/"]
    assert urls(visit(archive, languages=("deu",))) == ["http://b.example.org/"]
    assert len(archive.asked) == 2
    with pytest.raises(NothingFound, match="spelled so"):
        visit(archive, domains=("example.com",))


def test_what_fails_and_passes_is_asked_for_again(archive, site):
    answers = iter(
        [
            Reply("slow down", 503, headers=(("Retry-After", "0"),)),
            Reply(archive.content[:20], 206),  # too short
        ]
    )
    site.pages[f"/{FILE}"] = lambda request: next(answers, None) or archive.part(request)
    assert len(urls(visit(archive, connections=1))) == 3


def test_a_record_that_cannot_be_had_or_read_is_quarantined_and_the_others_are_read(archive, site):
    gone, damaged = (row["warc_record_offset"] for row in archive.rows[:2])

    def part(request):
        reply = archive.part(request)
        if archive.asked[-1] == gone:
            return Reply("no", 404)
        return (
            reply._replace(body=reply.body[:-4] + b"xxxx")
            if archive.asked[-1] == damaged
            else reply
        )

    site.pages[f"/{FILE}"] = part
    first, second, third = visit(archive, connections=1)  # no word of the rest
    assert isinstance(first, Refused) and (first.why, first.environmental) == ("unavailable", True)
    assert "status 404" in first.detail
    assert isinstance(second, Refused) and second.why == "damaged_record"
    assert third.url == "http://example.net/"


def test_a_server_that_sends_the_whole_file_is_not_listened_to(archive, site):
    site.pages[f"/{FILE}"] = Reply(archive.content, 200)
    archive.rows = archive.rows[:1] * 30
    archive.write_index()
    with pytest.raises(DamagedSource, match=r"20 records in a row cannot be had; the last: .*200"):
        visit(archive, earlier=earlier_of("http://example.org/"))


def test_a_file_that_is_no_index_is_named_with_what_it_lacks(archive):
    pq.write_table(pa.table({"text": ["a"]}), archive.index)
    with pytest.raises(BadSourceFile, match=r"index\.parquet.*fetch_status"):
        visit(archive)


def test_an_index_is_read_as_its_records_are_asked_for(archive):
    archive.rows = archive.rows[:1] * 50_000
    archive.write_index()
    known = []
    source = WarcIndex(index=(str(archive.index),), base=f"{archive.site.url}/", loopback=True)
    found = source.visit(Visit(WINDOW, nothing_earlier(), None, lambda done, of: known.append(of)))
    next(found)
    found.close()
    assert known[0] <= 64


def test_a_bound_on_records_is_kept_to_and_takes_no_page_for_gone(archive, caplog):
    found = visit(archive, most_records=2)
    assert urls(found) == [PAGES[0][0], PAGES[1][0]]
    assert not isinstance(found[-1], Rest)
    assert "more than 2 records" in caplog.text
    assert isinstance(visit(archive, most_records=3)[-1], Rest)


def test_row_groups_that_cannot_hold_what_is_asked_for_are_not_read(archive):
    archive.rows.sort(key=lambda row: row["url_host_registered_domain"])  # example.net first
    table = pa.Table.from_pylist(archive.rows)
    pq.write_table(table, archive.index, row_group_size=1, write_page_checksum=True)
    group = pq.read_metadata(archive.index).row_group(1)
    start = group.column(0).dictionary_page_offset
    raw = bytearray(archive.index.read_bytes())
    raw[start : start + 60] = bytes(60)
    archive.index.write_bytes(raw)
    assert urls(visit(archive, domains=("example.net",))) == ["http://example.net/"]
    with pytest.raises(BadSourceFile, match=r"index\.parquet: it cannot be read as an index"):
        visit(archive, domains=("example.org",))


def test_an_index_that_fills_the_memory_is_named(archive, monkeypatch):
    monkeypatch.setattr("pipeline.crawl.parquet_process.MEGABYTES", 128)
    flood = archive.rows[0] | {"url": "a" * (140 << 20)}
    rows = pa.Table.from_pylist([flood])
    pq.write_table(rows, archive.index, compression="zstd", use_dictionary=False)
    assert archive.index.stat().st_size < 1 << 20
    with pytest.raises(BadSourceFile, match=r"index\.parquet.*more than 128 MB"):
        visit(archive)


def test_an_index_of_no_text_is_named(archive):
    table = pa.Table.from_pylist(archive.rows)
    bad = pa.array([b"\xff\xfe"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(table.set_column(0, "url", bad), archive.index)
    with pytest.raises(BadSourceFile, match=r"index\.parquet.*UTF"):
        visit(archive)


def test_many_domains_are_as_good_as_one(archive):
    domains = (*(f"{number}.example.com" for number in range(20_000)), "example.net")
    assert urls(visit(archive, domains=domains)) == ["http://example.net/"]


def test_an_address_that_is_not_public_is_refused_unless_the_recipe_opens_it(archive):
    with pytest.raises(NothingFound, match="no public page lives at"):
        visit(archive, loopback=False, contact="me@example.org")
    assert archive.asked == []


def test_a_record_whose_last_bytes_are_missing_is_damaged(archive):
    for row in archive.rows:
        row["warc_record_length"] -= 4  # the end of its checksum
    archive.write_index()
    with pytest.raises(NothingFound, match="cut short"):
        visit(archive)


def test_a_file_that_is_not_below_the_base_is_not_asked_for(archive):
    for row, name in zip(
        archive.rows, ("http://127.0.0.1:1/x", "s3://a/b", "../../x"), strict=False
    ):
        row["warc_filename"] = name
    archive.write_index()
    began = time.monotonic()
    with pytest.raises(NothingFound, match=r"is no file below|status 404"):
        visit(archive, retries=8, backoff_seconds=10)
    assert time.monotonic() - began < 5
    assert archive.asked == []


def test_what_came_between_failures_is_heeded(archive, site):
    rows = archive.rows
    archive.rows = [rows[0] | {"warc_filename": "gone"}, rows[3] | {"fetch_status": 200}] * 21
    archive.write_index()
    with pytest.raises(NothingFound, match="21 cannot be read"):  # not that the archive is gone
        visit(archive)


def test_whoever_has_enough_does_not_wait_for_what_is_asked_again(archive, site):
    archive.rows = archive.rows[:1] + [archive.rows[0] | {"warc_filename": "busy"}] * 8
    archive.write_index()
    site.pages["/busy"] = Reply("later", 503)
    source = WarcIndex(index=(str(archive.index),), base=f"{archive.site.url}/", loopback=True)
    found = source.visit(Visit(WINDOW, nothing_earlier(), None, lambda done, of: None))
    next(found)
    began = time.monotonic()
    found.close()
    assert time.monotonic() - began < 5
