"""Serves the files of a folder from memory, as quickly as Python can: a process of its own.

    python -m tests.benchmarks.site_server FOLDER [--core N]

The port is the first line on standard output. ETags, 304, keep-alive and GET; nothing else. A page
whose file was written anew is served anew: each line on standard input reads the folder again, and
is answered with how many bodies were sent since the line before.
"""

import argparse
import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path
from urllib.parse import unquote

TYPES = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain; charset=utf-8"}

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


class Site:
    """The answers, ready made."""

    def __init__(self, folder):
        self.folder = folder
        self.counts = {"bodies": 0, "not_modified": 0, "missing": 0}
        self.read()

    def read(self):
        self.answers = {}
        for path in self.folder.rglob("*"):
            if path.is_file():
                name = "/" + path.relative_to(self.folder).as_posix()
                self.answers[name] = answer = self._answer(path)
                if path.name == "index.html":
                    self.answers[name.removesuffix("index.html")] = answer

    @staticmethod
    def _answer(path):
        body = path.read_bytes()
        etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:20].encode()
        kind = "text/html" if ".html" in path.name else TYPES.get(path.suffix, "application/x")
        head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode()
        return etag, b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\n" + head + b"\r\n" + body


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, site):
        self.site, self.waiting = site, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.transport.write(self.reply(head))

    def reply(self, head):
        path = unquote(head.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1"))
        found = self.site.answers.get(path)
        if found is None:
            self.site.counts["missing"] += 1
            return MISSING
        etag, whole = found
        if b"if-none-match" in head.lower() and etag in head:
            self.site.counts["not_modified"] += 1
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n"
        self.site.counts["bodies"] += 1
        return whole


async def serve(folder):
    site, loop = Site(folder), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    while await loop.run_in_executor(None, sys.stdin.readline):
        say(json.dumps(site.counts))
        site.counts = dict.fromkeys(site.counts, 0)
        site.read()


def say(told):
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    asyncio.run(serve(given.folder))


if __name__ == "__main__":
    main()
