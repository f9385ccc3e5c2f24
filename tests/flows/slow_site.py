"""A site of the tiny corpus's pages that answers no more than it is let, so that a crawl waits."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.tiny_corpus import prose

PAGES = 12
WAIT_SECONDS = 300


class Site:
    """`open` lets every page through; `asked` counts the pages that were asked for."""

    def __init__(self, url):
        self.url, self.asked = url, 0
        self.gate = threading.Event()

    def answer(self, path):
        if path == "/":
            links = "".join(f'<p><a href="/{n}.html">page {n}</a></p>' for n in range(PAGES))
            return f"<html><body>{links}</body></html>"
        if not path.endswith(".html"):
            return None
        self.asked += 1
        self.gate.wait(WAIT_SECONDS)
        number = int(path[1:-5])
        text = "".join(f"<p>{line}</p>" for line in prose(number).splitlines())
        return f"<html><body><h1>Page {number}</h1>{text}</body></html>"


@contextlib.contextmanager
def slow_site():
    """Serve it on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = site.answer(self.path)
            with contextlib.suppress(OSError):  # a crawler that was killed
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                body = (page or "").encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_port}/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.gate.set()
        server.shutdown()
