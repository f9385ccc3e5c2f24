"""Serves the demonstration site, pages of the Apache HTTP Server manual, on 127.0.0.1.

Run: python infra/demo_site/serve.py [--port 8321] [--folder DIR]

The first start unpacks manual.tar.xz into DIR. What is served is what lies there now: pages
edited, added or removed show at once, in the sitemap too. Standard library only.
"""

import argparse
import signal
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import gmtime, strftime
from typing import Self
from urllib.parse import quote, unquote

ARCHIVE = Path(__file__).with_name("manual.tar.xz")
START = "/manual/index.html"
PRIVATE = "/manual/private/"
# No charset, as from a stock Apache: the page's meta element decides.
MEDIA_TYPES = {".html": "text/html", ".css": "text/css"}


def unpack(folder: Path) -> None:
    """Put the pages into `folder` if it is missing or empty: all of them, or none."""
    if folder.exists() and any(folder.iterdir()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft, tarfile.open(ARCHIVE) as archive:
        members = [member for member in archive if member.name.startswith("manual/")]
        archive.extractall(draft, members=members, filter="data")
        Path(draft, "manual").rename(folder / "manual")


@dataclass(frozen=True)
class Resource:
    """What one URL answers with."""

    body: bytes
    media_type: str
    modified: int | None = None  # seconds since 1970; None for what is made on request

    @property
    def marks(self) -> dict[str, str]:
        """The headers that name this content: equal bytes, equal tag."""
        marks = {"ETag": f'"{sha256(self.body).hexdigest()[:32]}"'}
        if self.modified is not None:
            marks["Last-Modified"] = formatdate(self.modified, usegmt=True)
        return marks

    def known(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Whether the client's copy is this one; a tag outranks a date (RFC 9110, 13.2.2)."""
        if if_none_match is not None:
            tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
            return self.marks["ETag"] in tags or "*" in tags
        if self.modified is None or if_modified_since is None:
            return False
        try:
            return self.modified <= parsedate_to_datetime(if_modified_since).timestamp()
        except ValueError:  # a date that cannot be read counts as none
            return False


def robots(url: str) -> Resource:
    """All may be crawled but the private page, to which a link leads nevertheless."""
    text = f"User-agent: *\nDisallow: {PRIVATE}\n\nSitemap: {url}sitemap.xml\n"
    return Resource(text.encode(), "text/plain; charset=utf-8")


def sitemap(folder: Path, url: str) -> Resource:
    """Every page that lies in the folder now and may be crawled, with its date."""
    rows = []
    for page in sorted(folder.rglob("*.html")):
        path = quote(page.relative_to(folder).as_posix())
        if f"/{path}".startswith(PRIVATE):
            continue
        changed = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(page.stat().st_mtime))
        rows.append(f"<url><loc>{url}{path}</loc><lastmod>{changed}</lastmod></url>\n")
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(rows)}</urlset>\n"
    )
    return Resource(body.encode(), "application/xml")


def stored(folder: Path, path: str) -> Resource | None:
    """The file that a URL path names, or None: nothing outside the folder, no folder listing."""
    try:
        file = (folder / path.lstrip("/")).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            return None
        media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
        return Resource(file.read_bytes(), media_type, int(file.stat().st_mtime))
    except (OSError, ValueError):  # a name too long, a NUL in it, or the file went this moment
        return None


class Answer(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that an idle connection stays open
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True  # or the last packet of a page waits 40 ms for an ACK

    def do_GET(self) -> None:
        """Answer with a page, a redirect of `/`, or 404."""
        path = unquote(self.path.partition("?")[0])
        if path == "/":
            self.answer(HTTPStatus.FOUND, {"Location": START})
            return
        found = self.server.site.resource(path)
        if found is None:
            body = b"<!DOCTYPE html><title>Not Found</title><h1>Not Found</h1>\n"
            self.answer(HTTPStatus.NOT_FOUND, {"Content-Type": "text/html"}, body)
            return
        if found.known(self.headers["If-None-Match"], self.headers["If-Modified-Since"]):
            self.answer(HTTPStatus.NOT_MODIFIED, found.marks)
        else:
            headers = {"Content-Type": found.media_type, **found.marks}
            self.answer(HTTPStatus.OK, headers, found.body)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self.do_GET()

    def answer(self, status: HTTPStatus, headers: dict[str, str], body: bytes = b"") -> None:
        """Send the head, and the body where the method asks for one."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Count the request instead of printing it."""
        path = getattr(self, "path", self.requestline)
        self.server.site.requests.append((self.command or "", path, int(code)))

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


class Server(ThreadingHTTPServer):
    """The web server behind one DemoSite."""

    request_queue_size = 128
    site: "DemoSite"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet about clients that went away; anything else is a defect, and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # any socket


class DemoSite:
    """The site served from `folder` while the `with` block runs.

    Args:
        folder: where the pages lie, and are unpacked to when it is missing or empty.
        port: 0 takes a free one. Document ids contain the URL, so that runs that are to agree
            need the same port.

    Attributes:
        url: the site's root, with a slash at its end.
        requests: (method, path, status) of every request answered, in order.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Unpack the pages if need be, and take the port."""
        self.folder = Path(folder)
        self.requests: list[tuple[str, str, int]] = []
        unpack(self.folder)
        self._server = Server(("127.0.0.1", port), Answer)
        self._server.site = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def resource(self, path: str) -> Resource | None:
        """What the URL path leads to, or None."""
        if path == "/robots.txt":
            return robots(self.url)
        if path == "/sitemap.xml":
            return sitemap(self.folder, self.url)
        return stored(self.folder, path)

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def main() -> None:
    """Serve until interrupted or terminated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--folder", type=Path, default=Path("demo/site"))
    options = parser.parse_args()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with DemoSite(options.folder, options.port) as site:
        print(site.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
