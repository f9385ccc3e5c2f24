"""A stand-in for whoever collects lineage: it answers as it is told, and keeps what it was sent."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def receiver(*, status=201, silent=threading.Event, location=""):
    """A server on a free port of this machine, with `url` and `received` (headers, event).

    Args:
        status: what it answers.
        silent: set to an event, it answers only once that is set.
        location: where it sends whoever posts to it.
    """

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, dict(self.headers), json.loads(content)))
            if isinstance(silent, threading.Event):
                silent.wait(30)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    received = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.received, server.url = received, f"http://127.0.0.1:{server.server_port}"
    server.events = lambda: [event for _, _, event in received]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield server
    finally:
        if isinstance(silent, threading.Event):
            silent.set()
        server.shutdown()
        server.server_close()
