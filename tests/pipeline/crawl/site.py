"""A web site on this machine that does what it is told, and remembers what it was asked."""

import hashlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Reply(NamedTuple):
    """What the site says to a request."""

    body: bytes | str = b""
    status: int = 200
    content_type: str | None = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None  # a Content-Length that is not true


Page = Reply | str | Callable[[BaseHTTPRequestHandler], Reply | None]


class Quiet(ThreadingHTTPServer):
    """A crawl that has had enough hangs up; that is no news."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass


class Site:
    """Pages by path; a string is an HTML page, a function answers by itself."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.etags = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and body in one packet, or each answer takes 40 ms

            def do_GET(self):
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                site.answer(self)

            def log_message(self, *_):
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        page = self.pages.get(request.path, Reply("not here", 404))
        reply = page(request) if callable(page) else page
        if reply is None:  # the page has answered by itself
            return
        reply = Reply(reply) if isinstance(reply, str) else reply
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        if self.etags and reply.status == 200:
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            reply = reply._replace(headers=(*reply.headers, ("ETag", etag)))
            if request.headers.get("If-None-Match") == etag:
                reply, body = Reply(status=304, content_type=None), b""
        send(request, reply, body)


def send(request: BaseHTTPRequestHandler, reply: Reply, body: bytes) -> None:
    request.send_response(reply.status)
    content_type = (("Content-Type", reply.content_type),) if reply.content_type else ()
    for header in (*content_type, *reply.headers):
        request.send_header(*header)
    length = len(body) if reply.length is None else reply.length
    request.send_header("Content-Length", str(length))
    request.close_connection |= length != len(body)
    request.end_headers()
    request.wfile.write(body)
