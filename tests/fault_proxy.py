"""A proxy in front of an S3 API that does what networks and busy stores do.

    with FaultProxy(endpoint, seeded(7, share=0.2)) as proxy: ...proxy.endpoint, proxy.done

A rule is asked about each request and names a fault, or None:

    busy     503 SlowDown; the store has not heard of the request
    silent   no answer at all, longer than a client waits
    reset    the connection is reset before the store has heard of it
    lost     the store has done it, and the connection is reset before its answer
    cut      the answer's body ends half-way, by a reset
    short    the answer's body ends half-way, and the connection is closed politely
    taken    412 for a put with a condition; the store has not heard of it
    slow     the answer comes late
"""

import contextlib
import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple
from urllib.parse import urlsplit

SILENT_SECONDS = 2.5
SLOW_SECONDS = 0.25
KINDS = ("busy", "busy", "silent", "reset", "lost", "lost", "cut", "short", "taken", "slow")
BUSY = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>"
REFUSED = b"<?xml version='1.0'?><Error><Code>PreconditionFailed</Code></Error>"


class Request(NamedTuple):
    """What a rule is asked about."""

    number: int  # from 0
    method: str
    path: str
    conditional: bool


def seeded(seed, *, share, kinds=KINDS):
    """A rule that picks a share of the requests, the same for the same seed and order."""

    def rule(request):
        draw = random.Random(f"{seed} {request.number}")
        return draw.choice(kinds) if draw.random() < share else None

    return rule


class FaultProxy:
    """Stands between; `rule` may be exchanged while it does."""

    def __init__(self, endpoint, rule):
        self.rule = rule
        self.done = Counter()  # kind -> how often
        self.requests = 0
        self._numbers = count()
        self._behind = urlsplit(endpoint).netloc
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                with contextlib.suppress(ConnectionError, TimeoutError):
                    super().handle_one_request()
                    return
                self.close_connection = True

            def answer(self):
                proxy.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a client that is killed

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(
            next(self._numbers),
            handler.command,
            handler.path,
            bool(handler.headers.get("If-None-Match")),
        )
        self.requests += 1
        kind = self.rule(request)
        if kind == "taken" and not request.conditional:
            kind = "busy"
        if kind in ("cut", "short") and request.method != "GET":
            kind = "lost"
        if kind:
            self.done[kind] += 1
        if kind == "silent":
            time.sleep(SILENT_SECONDS)
        if kind in ("silent", "reset"):
            reset(handler)
        elif kind in ("busy", "taken"):
            status, words = (503, BUSY) if kind == "busy" else (412, REFUSED)
            send(handler, status, {}, b"" if request.method == "HEAD" else words, len(words))
        else:
            self._behind_it(handler, body, kind)

    def _behind_it(self, handler, body, kind):
        connection = http.client.HTTPConnection(self._behind, timeout=60)
        headers = {name: value for name, value in handler.headers.items() if name != "Connection"}
        connection.request(handler.command, handler.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if kind == "lost":
            reset(handler)
            return
        if kind == "slow":
            time.sleep(SLOW_SECONDS)
        told = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date")
        }
        length = int(answer.getheader("Content-Length") or len(content))
        if kind in ("cut", "short") and content:
            send(handler, answer.status, told, content[: len(content) // 2], length)
            if kind == "cut":
                reset(handler)
            handler.close_connection = True
            return
        send(handler, answer.status, told, content, length)


def send(handler, status, headers, body, length):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def reset(handler):
    """Close the connection so that the other side is told of an error, at once."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.rfile.close()
    handler.connection.close()
