"""Whole archives as a list names them, from a server laid out as Common Crawl's, or a folder."""

import gzip
import random
import re
import tarfile

import pytest
from pydantic import ValidationError

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.source import Page, Refused, Rest, Visit
from pipeline.crawl.sources.warc_paths import WarcPaths
from pipeline.crawl.stage import Pages
from pipeline.warc_record import read_response
from tests.pipeline.crawl.conftest import DATA, WINDOW
from tests.pipeline.crawl.site import Reply
from tests.pipeline.crawl.test_warc import write
from tests.support import made

FOLDER = "crawl-data/CC-MAIN-2026-40/segments/1"


class Server:
    """Archives on a server that answers requests for parts of them."""

    def __init__(self, site, folder):
        self.site, self.folder = site, folder
        self.files = {}
        self.asked = []

    def add(self, path, content):
        self.files[path] = content
        self.site.pages[f"/{path}"] = lambda request: self.part(path, request)

    def list(self, name="warc.paths.gz", paths=None):
        lines = "\n".join(paths or self.files)
        (self.folder / name).write_bytes(gzip.compress(lines.encode()))
        return str(self.folder / name)

    def part(self, path, request):
        content = self.files[path]
        first, last = map(int, re.findall(r"\d+", request.headers["Range"]))
        self.asked.append((path, first))
        piece = content[first : last + 1]
        where = f"bytes {first}-{first + len(piece) - 1}/{len(content)}"
        return Reply(piece, 206, "application/gzip", (("Content-Range", where), ("ETag", '"1"')))


@pytest.fixture
def server(site, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.crawl.remote_file.PART_BYTES", 500)
    server = Server(site, tmp_path)
    for number in range(2):
        write(tmp_path / "made", [f"<p>{number} {page}".encode() * 40 for page in range(9)])
        raw = (tmp_path / "made").read_bytes()
        server.add(f"{FOLDER}/warc/CC-MAIN-{number}.warc.gz", renumbered(raw, number))
    return server


def renumbered(raw, number):
    """The same archive, with other addresses in it."""
    plain = gzip.decompress(raw)
    return gzip.compress(plain.replace(b"http://example.org/", b"http://example%d.org/" % number))


def source(server, **settings):
    if "lists" not in settings:
        settings["lists"] = (server.list(),)
    quick = {
        "base": f"{server.site.url}/",
        "loopback": True,
        "backoff_seconds": 0.01,
        "retries": 3,
    }
    return WarcPaths(**quick | settings)


def visit(server, **settings):
    visit = Visit(WINDOW, nothing_earlier(), None, lambda done, of: None)
    return list(source(server, **settings).visit(visit))


def urls(found):
    return [each.url for each in found if isinstance(each, Page)]


def expected(*numbers):
    return [f"http://example{number}.org/{page}" for number in numbers for page in range(9)]


def test_every_archive_of_a_list_is_read_in_parts(server):
    *pages, rest = visit(server)
    assert urls(pages) == expected(0, 1)
    assert rest == Rest("gone")
    first = [at for path, at in server.asked if "MAIN-0" in path]
    assert sorted(first) == list(range(0, len(next(iter(server.files.values()))), 500))


def test_a_list_may_lie_on_the_server_and_the_archives_in_a_folder(server, tmp_path):
    server.site.pages["/warc.paths.gz"] = Reply(
        (tmp_path / "warc.paths.gz").read_bytes() if server.list() else b"", 200, "application/gzip"
    )
    on_server = f"{server.site.url}/warc.paths.gz"
    assert urls(visit(server, lists=(on_server,))) == expected(0, 1)
    for path, content in server.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    server.asked.clear()
    assert urls(visit(server, base=str(tmp_path))) == expected(0, 1)
    assert server.asked == []


def test_a_list_on_a_server_is_asked_for_again_like_an_archive(server, tmp_path):
    server.list()
    good = Reply((tmp_path / "warc.paths.gz").read_bytes(), 200, "application/gzip")
    cut = good._replace(body=good.body[:9], length=len(good.body))
    answers = [good, Reply("busy", 503), cut]
    server.site.pages["/warc.paths.gz"] = lambda _: answers.pop()
    on_server = f"{server.site.url}/warc.paths.gz"
    assert urls(visit(server, lists=(on_server,))) == expected(0, 1)
    answers += [good, Reply("no", 404)]
    with pytest.raises(DamagedSource, match=r"the list cannot be had: status 404"):
        visit(server, lists=(on_server,))
    assert answers == [good]


def test_a_day_in_an_address_or_in_the_base_is_refused(server):
    with pytest.raises(ValidationError, match=r"(?s)\{date\} stands for a day.*name each list"):
        source(server, lists=(f"{server.site.url}/{{date}}/warc.paths.gz",))
    with pytest.raises(ValidationError, match=r"base: \{date\} stands for a day"):
        WarcPaths(lists=("a",), base="/data/{date}")


def test_no_more_than_a_part_is_read_of_an_answer_to_a_request_for_it(server):
    path = next(iter(server.files))

    def flood(request):
        reply = server.part(path, request)
        return reply._replace(body=reply.body + b"x" * 100_000)

    server.site.pages[f"/{path}"] = flood
    with pytest.raises(DamagedSource, match="the body is larger than 500 bytes"):
        visit(server)


def test_what_breaks_off_goes_on_with_the_part_that_is_missing(server):
    path = next(iter(server.files))
    answers = {500: [Reply("busy", 503), "cut"], 1000: ["moved"]}

    def part(request):
        reply = server.part(path, request)
        left = answers.get(server.asked[-1][1])
        if not left:
            return reply
        way = left.pop(0)
        if way == "cut":
            return reply._replace(body=reply.body[:99], length=500)
        return way if way != "moved" else reply._replace(headers=())

    server.site.pages[f"/{path}"] = part
    assert urls(visit(server)) == expected(0, 1)
    assert not any(answers.values())
    assert server.asked.count((path, 500)) == 3
    assert server.asked.count((path, 0)) == 1


def test_a_bound_on_files_and_a_bound_on_pages_ask_for_no_more(server, store):
    found = visit(server, most_files=1)
    assert urls(found) == expected(0)
    assert not isinstance(found[-1], Rest)
    assert not any("MAIN-1" in path for path, _ in server.asked)
    manifest = made(Pages(source=source(server), limit=3), store, window=WINDOW, refresh=True)
    assert store.read(manifest, "pages", ("url",))["url"].to_pylist() == expected(0)[:3]


def test_each_archive_has_shards_of_its_own_that_are_called_after_it(server, store):
    names = []
    for paths in (list(server.files), list(server.files)[::-1]):
        stage = Pages(source=source(server, lists=(server.list(paths=paths),)))
        manifest = made(stage, store, window=WINDOW, refresh=True)
        held = {}
        for shard in manifest.shards:
            rows = store.batches(store.receipt(shard), "pages", ["url", "warc_file"])
            held[shard.name] = [row["url"] for batch in rows for row in batch.to_pylist()]
        names.append(held)
    assert names[0] == names[1]
    assert sorted(names[0].values()) == [expected(0), expected(1)]
    assert all("cc-main-" in name for name in names[0])


def test_a_damaged_archive_keeps_what_stands_before_and_costs_no_other(server, store):
    path = next(iter(server.files))
    server.files[path] = server.files[path][:-700]
    with pytest.raises(DamagedSource, match=r"MAIN-0.*cut short"):
        visit(server)
    found = visit(server, tolerate_damage=True)
    kept = urls(found)
    assert kept[-9:] == expected(1)
    assert 0 < len(kept) - 9 < 9
    (refused,) = (each for each in found if isinstance(each, Refused))
    assert (refused.url, refused.why, refused.environmental) == (path, "damaged_archive", False)
    assert not isinstance(found[-1], Rest)
    stage = Pages(source=source(server, tolerate_damage=True))
    manifest = made(stage, store, window=WINDOW, refresh=True)
    assert store.read(manifest, "ledger", ("rule",))["rule"].to_pylist() == ["damaged_archive"]


def test_an_archive_that_cannot_be_had_or_changes_meanwhile_is_told(server):
    first, second = server.files
    server.site.pages[f"/{first}"] = Reply("no", 404)

    def changed(request):
        reply = server.part(second, request)
        late = server.asked[-1][1] >= 500
        where = reply.headers[0]
        return reply._replace(headers=(where, ("ETag", '"2"' if late else '"1"')))

    server.site.pages[f"/{second}"] = changed
    with pytest.raises(DamagedSource, match=r"status 404.*changed on the server"):
        visit(server)


@pytest.mark.parametrize("part", [3, 5, 9])
def test_all_pages_before_a_part_that_is_missing_are_kept(server, tmp_path, part):
    bodies = [random.Random(number).randbytes(700) for number in range(9)]
    places = write(tmp_path / "made", [b"<html>" + body for body in bodies])
    path = f"{FOLDER}/warc/broken.warc.gz"
    server.add(path, (tmp_path / "made").read_bytes())
    whole = server.site.pages[f"/{path}"]
    missing = Reply("no", 404)
    server.site.pages[f"/{path}"] = lambda request: (
        missing if f"bytes={part * 500}-" in request.headers["Range"] else whole(request)
    )
    found = visit(server, lists=(server.list(paths=[path]),), tolerate_damage=True)
    before = [n for n, place in enumerate(places) if place.offset + place.length <= part * 500]
    assert urls(found) == [f"http://example.org/{number}" for number in before] != []
    assert f"byte {part * 500:,} and what follows" in found[-1].detail


def test_a_server_that_is_gone_is_not_asked_for_every_file(server):
    paths = [f"{FOLDER}/warc/gone-{number}.warc.gz" for number in range(50)]
    with pytest.raises(DamagedSource, match="5 of 5 files"):
        visit(server, lists=(server.list(paths=paths),), tolerate_damage=True)
    assert len(server.site.asked) == 5


def test_many_files_that_are_not_in_a_folder_cost_none_that_is(server, tmp_path):
    here = list(server.files)
    gone = [f"{FOLDER}/warc/gone-{number}.warc.gz" for number in range(9)]
    for path, content in server.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    lists = (server.list(paths=[*gone, *here]),)
    found = visit(server, base=str(tmp_path), lists=lists, tolerate_damage=True)
    assert urls(found) == expected(0, 1)
    assert {each.why for each in found if isinstance(each, Refused)} == {"unavailable"}
    with pytest.raises(DamagedSource, match="9 of 11 files"):
        visit(server, base=str(tmp_path), lists=lists)


def test_a_server_that_cannot_send_parts_is_told(server):
    for path, content in server.files.items():
        server.site.pages[f"/{path}"] = Reply(content, 200)
    with pytest.raises(DamagedSource, match="status 200 to a request for a part"):
        visit(server)


def test_a_record_whose_bytes_changed_is_quarantined_and_the_others_are_read(server):
    path = next(iter(server.files))
    plain = gzip.decompress(server.files[path])
    server.files[path] = gzip.compress(plain.replace(b"<p>0 3", b"<p>0 X", 1))
    found = visit(server)
    (refused,) = (each for each in found if isinstance(each, Refused))
    assert (refused.url, refused.why) == ("http://example0.org/3", "damaged_record")
    assert len(urls(found)) == 17


def test_wat_files_are_refused_with_what_to_name_instead(server):
    paths = [f"{FOLDER}/wat/a.warc.wat.gz"]
    with pytest.raises(BadSourceFile, match=r"WAT file.*\n.*warc\.paths\.gz and wet\.paths\.gz"):
        visit(server, lists=(server.list("wat.paths.gz", paths),))


@pytest.mark.parametrize(
    "path", ["../a.warc.gz", "/etc/a.warc.gz", "http://127.0.0.1:1/a.warc.gz", "s3://b/a.warc.gz"]
)
def test_a_path_leads_nowhere_but_below_the_base(server, tmp_path, path):
    for base in (f"{server.site.url}/deep/", str(tmp_path)):
        with pytest.raises(BadSourceFile, match="is no file below"):
            visit(server, base=base, lists=(server.list(paths=[path]),))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a.warc.gz\nnotes.txt\n", "line 2: 'notes.txt' is no path"),
        (b"x" * 5000, "too long"),
        (b"\xff.warc.gz", "is no path"),
        (gzip.compress(b"a.warc.gz\n" * 9, mtime=0)[:-9], "is damaged"),
        (gzip.compress(b"\n" * 2_000_000, mtime=0), "too long"),
    ],
)
def test_what_is_no_list_is_named(server, tmp_path, content, words):
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(BadSourceFile, match=words):
        visit(server, lists=(str(tmp_path / "list"),))


def test_a_contact_is_asked_for_where_others_are_asked():
    with pytest.raises(ValidationError, match="contact"):
        WarcPaths(lists=("wet.paths.gz",))
    with pytest.raises(ValidationError, match="end with a slash"):
        WarcPaths(lists=("a",), base="http://127.0.0.1:1/x", loopback=True)
    WarcPaths(lists=("wet.paths.gz",), base="/data")


def test_common_crawls_own_files_are_read_as_they_lie_there(server, store):
    if not (DATA / "warc.tar.gz").exists():
        pytest.skip("shared/data/web/warc.tar.gz is not here")
    server.files.clear()
    with tarfile.open(DATA / "warc.tar.gz") as packed:
        for kind in ("warc", "wet"):
            name = f"whirlwind.{'warc' if kind == 'warc' else 'warc.wet'}.gz"
            content = packed.extractfile(f"whirlwind/{name}").read()
            server.add(f"{FOLDER}/{kind}/{name}", content)
    page, text, _ = visit(server)
    assert page.url == text.url == "https://an.wikipedia.org/wiki/Escopete"
    assert text.text.startswith("Escopete - Biquipedia")
    manifest = made(Pages(source=source(server)), store, window=WINDOW, refresh=True)
    columns = ("warc_file", "warc_offset", "warc_length")
    ((name, *where),) = (row.values() for row in store.read(manifest, "pages", columns).to_pylist())
    (receipt,) = (each for each in map(store.receipt, manifest.shards) if each.files)
    with store.open_file(receipt, name) as file:
        assert read_response(file, *where, most_bytes=10**7).body == page.body
