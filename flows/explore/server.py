"""The explorer's server: one page and its answers, on this machine's loopback alone.

It only reads, and it answers only who asks by this machine's own name: another site's page cannot
reach it by a name that it has pointed here (DNS rebinding). Nothing runs on the page but the
files beside it: the policy names them by a nonce that is new each time.
"""

from __future__ import annotations

import secrets
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from flows.explore.answers import ANSWERS, Words, answer
from flows.explore.subject import Looked
from pipeline.errors import MissingArtifact, PipelineError, StoreUnreachable
from pipeline.store import Store
from pipeline.versions.errors import VersionError

LOOPBACK = "127.0.0.1"
_PAGES = Path(__file__).parents[1] / "pages"
_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FILES = {f"/{path.name}": path for path in _PAGES.glob("explore*") if path.suffix in _KINDS}
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Server(ThreadingHTTPServer):
    """The explorer of one store."""

    daemon_threads = True

    def __init__(self, store: Store, port: int = 0) -> None:
        """Listen on a port; 0: on any that is free.

        Raises:
            StoreUnreachable: the port is taken.
        """
        self.looked = Looked(store)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            remedy = "Name another --port, or none: then a free one is taken."
            raise StoreUnreachable(
                f"{LOOPBACK}:{port}", problem=(error.strerror or str(error)).lower(), remedy=remedy
            ) from error
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in the middle of an answer is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def start(self) -> threading.Thread:
        """Serve in a thread of its own, until `shutdown`."""
        thread = threading.Thread(target=self.serve_forever, args=(0.2,), daemon=True)
        thread.start()
        return thread


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "penstock", ""
    timeout = 60  # seconds that a silent connection is kept

    def do_GET(self) -> None:
        """Answer, or say why not."""
        place = urlsplit(self.path)
        if self.headers.get("Host") not in self.server.hosts:
            self._say(HTTPStatus.MISDIRECTED_REQUEST, "Ask by the address that penstock showed.")
        elif self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            if place.path != "/" or self.headers.get("Sec-Fetch-Mode") != "navigate":
                self._say(HTTPStatus.FORBIDDEN, "Another site's page asked.")
            else:
                self._page()
        elif place.path == "/":
            self._page()
        elif place.path in _FILES:
            found = _FILES[place.path]
            self._send(HTTPStatus.OK, found.read_bytes(), _KINDS[found.suffix])
        elif place.path in ANSWERS:
            self._answer(place.path, Words(parse_qsl(place.query, max_num_fields=20)))
        else:
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here; begin at /.")

    def do_HEAD(self) -> None:
        """The same, without what would be shown."""
        self.do_GET()

    def _answer(self, path: str, asked: Words) -> None:
        try:
            found = answer(self.server.looked, path, asked)
        except MissingArtifact as error:
            self._say(HTTPStatus.NOT_FOUND, str(error))
        except (PipelineError, VersionError, ValueError) as error:
            self._say(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self._json(HTTPStatus.OK, found)

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        page = (_PAGES / "explore.html").read_text(encoding="utf-8").replace("NONCE", nonce)
        policy = {"Content-Security-Policy": _POLICY.format(nonce=nonce)}
        self._send(HTTPStatus.OK, page.encode(), "text/html; charset=utf-8", policy)

    def _say(self, status: HTTPStatus, sentence: str) -> None:
        self._json(status, {"error": sentence})

    def _json(self, status: HTTPStatus, value: Any) -> None:
        content = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        self._send(status, content, "application/json")

    def _send(
        self, status: HTTPStatus, content: bytes, kind: str, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        closed = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
        for name, value in {**_HEADERS, **(more or closed)}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what is looked at is nobody's business."""
