"""The demonstration site: what is bundled, how it is served, and what its edit changes."""

import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import urlopen
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree, html

from infra.demo_site.edit import ADDITIONS, CHANGES, EDITED, REMOVED, edit
from infra.demo_site.serve import ARCHIVE, DemoSite

LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "tr", "zh-cn")
PRIVATE = "/manual/private/index.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with DemoSite(tmp_path_factory.mktemp("demo") / "site") as site:
        yield site


def fetch(site, path, method="GET", **headers) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", urlsplit(site.url).port, timeout=10)
    connection.request(method, path, headers={n.replace("_", "-"): v for n, v in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def crawl(site) -> dict[str, int]:
    """The status of all that links, scripts, styles and pictures lead to, from `/` on."""
    connection = HTTPConnection("127.0.0.1", urlsplit(site.url).port, timeout=10)
    queue, status = ["/"], {}
    while queue:
        path = queue.pop()
        if path in status:
            continue
        connection.request("GET", path)
        answer = connection.getresponse()
        body, status[path] = answer.read(), answer.status
        hrefs = [answer.headers["Location"]] if answer.status == 302 else []
        if answer.headers["Content-Type"] == "text/html":
            hrefs = html.document_fromstring(body).xpath("//@href|//@src")
        for href in hrefs:
            url = urldefrag(urljoin(site.url + path[1:], href)).url
            if url.startswith(site.url):
                queue.append("/" + url.removeprefix(site.url))
    connection.close()
    return status


def pages(folder: Path) -> set[str]:
    """The site paths of all pages that lie in the folder."""
    return {"/" + path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}


def contents(folder: Path) -> dict[str, bytes]:
    return {path: Path(folder, path[1:]).read_bytes() for path in pages(folder)}


def listed(site) -> dict[str, str]:
    """The sitemap: path and date."""
    _, body = fetch(site, "/sitemap.xml")
    rows = etree.fromstring(body)
    return {"/" + row[0].text.removeprefix(site.url): row[1].text for row in rows}


def test_links_reach_every_page_and_none_is_broken(site):
    status = crawl(site)
    assert {path for path in status if path.endswith(".html")} == pages(site.folder)
    assert {path: code for path, code in status.items() if code != 200} == {"/": 302}


def test_robots_disallows_only_the_private_page_and_names_the_sitemap(site):
    answer, body = fetch(site, "/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(body.decode().splitlines())
    assert rules.site_maps() == [site.url + "sitemap.xml"]
    refused = {path for path in pages(site.folder) if not rules.can_fetch("any", path)}
    assert refused == {PRIVATE}
    assert b"private/index.html" in fetch(site, "/manual/index.html")[1]


def test_the_sitemap_lists_every_page_but_the_private_one(site):
    found = listed(site)
    assert set(found) == pages(site.folder) - {PRIVATE}
    assert set(found.values()) == {"2026-01-01T00:00:00Z"}


def test_a_copy_that_is_current_is_not_sent_again(site):
    path = "/manual/ko/index.html"
    first, body = fetch(site, path)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_Modified_Since": date},
        {"If_None_Match": tag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer, nothing = fetch(site, path, **headers)
        assert (answer.status, nothing, answer.headers["ETag"]) == (304, b"", tag)
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": date},
        {"If_Modified_Since": "Wed, 31 Dec 2025 23:59:59 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        answer, again = fetch(site, path, **headers)
        assert (answer.status, again) == (200, body)


def test_the_media_type_leaves_the_charset_to_the_page(site):
    assert fetch(site, "/manual/ko/index.html")[0].headers["Content-Type"] == "text/html"
    assert fetch(site, "/manual/style/css/manual.css")[0].headers["Content-Type"] == "text/css"
    assert fetch(site, "/sitemap.xml")[0].headers["Content-Type"] == "application/xml"


def test_head_gives_the_same_headers_and_no_body(site):
    got, body = fetch(site, "/manual/ja/index.html")
    head, nothing = fetch(site, "/manual/ja/index.html", method="HEAD")
    assert (nothing, head.headers["Content-Length"]) == (b"", str(len(body)))
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/manual/../../secret.html",
        "/manual/%2e%2e%2f%2e%2e%2fsecret.html",
        "//etc/passwd",
        "/manual/en/passwd.html",
        "/manual/",
        "/manual/en",
        "/manual/none.html",
        "/manual/%00.html",
        "/" + 5000 * "a",
    ],
)
def test_nothing_but_files_of_the_folder_is_served(site, path):
    site.folder.with_name("secret.html").write_text("secret")
    link = site.folder / "manual/en/passwd.html"
    link.symlink_to("/etc/passwd")
    try:
        assert fetch(site, path)[0].status == 404
    finally:
        link.unlink()


def test_requests_are_recorded_from_parallel_clients(site):
    before = len(site.requests)
    paths = [f"/manual/{language}/index.html" for language in LANGUAGES for _ in range(5)]
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda path: fetch(site, path), paths))
    assert Counter(site.requests[before:]) == Counter(("GET", path, 200) for path in paths)


def test_a_client_that_goes_away_disturbs_nobody(site, capfd):
    with socket.create_connection(("127.0.0.1", urlsplit(site.url).port)) as client:
        client.sendall(b"GET /manual/en/mod/core.html HTTP/1.1\r\nHost: x\r\n\r\n")
    assert fetch(site, "/manual/en/index.html")[0].status == 200
    assert capfd.readouterr() == ("", "")


def test_the_commands_serve_and_edit_and_end_when_told(tmp_path):
    scripts, folder = ARCHIVE.parent, tmp_path / "site"
    server = subprocess.Popen(
        [sys.executable, scripts / "serve.py", "--folder", folder],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = server.stdout.readline().strip()
        with urlopen(url) as answer:
            assert answer.url == url + "manual/index.html"
        done = subprocess.check_output([sys.executable, scripts / "edit.py", folder], text=True)
        kinds = Counter(line.split()[0] for line in done.splitlines())
        assert kinds == {"changed": 3, "added": 2, "removed": 1, "unlinked": 2}
        assert urlopen(f"{url}{ADDITIONS[0][0]}").status == 200
    finally:
        server.terminate()
        assert server.wait(10) == 0


def test_a_folder_with_pages_is_served_as_it_is(tmp_path):
    (tmp_path / "own.html").write_text("<title>mine</title>")
    with DemoSite(tmp_path) as site:
        assert set(listed(site)) == {"/own.html"}
        assert fetch(site, "/own.html?query")[1] == b"<title>mine</title>"
    with pytest.raises(ConnectionRefusedError):
        fetch(site, "/own.html")


def test_the_edit_changes_three_pages_adds_two_removes_one_and_leaves_no_broken_link(tmp_path):
    with DemoSite(tmp_path / "site") as site:
        before = contents(site.folder)
        edit(site.folder)
        after = contents(site.folder)
        added = {f"/{page}" for page, _ in ADDITIONS}
        assert set(after) - set(before) == added
        assert set(before) - set(after) == {f"/{REMOVED}"}
        changed = {path for path in before.keys() & after if before[path] != after[path]}
        text = {path for path in changed if words(before[path]) != words(after[path])}
        assert text == {f"/{page}" for page, _, _ in CHANGES}
        # Where only a link came or went, the words are the same.
        indexes = {"/manual/en/sitemap.html", "/manual/tr/index.html", "/manual/tr/sitemap.html"}
        assert changed - text == indexes
        dates = listed(site)
        recent = {path for path, date in dates.items() if date == "2026-02-01T00:00:00Z"}
        assert recent == added | changed
        status = crawl(site)
        assert {path for path in status if path.endswith(".html")} == set(after)
        assert {path for path, code in status.items() if code != 200} == {"/"}


def words(page: bytes) -> str:
    return html.document_fromstring(page).text_content()


def test_two_edited_sites_are_equal_and_a_second_edit_is_refused(tmp_path):
    def state(folder: Path) -> dict[str, tuple[bytes, float]]:
        files = {path: folder / path[1:] for path in pages(folder)}
        return {path: (file.read_bytes(), file.stat().st_mtime) for path, file in files.items()}

    for name in ("one", "two"):
        with DemoSite(tmp_path / name):
            edit(tmp_path / name)
    once = state(tmp_path / "one")
    assert once == state(tmp_path / "two")
    assert {time for _, time in once.values()} == {1_767_225_600, EDITED}
    with pytest.raises(SystemExit, match="made already"):
        edit(tmp_path / "one")
    assert state(tmp_path / "one") == once
