"""Crawls of a site on this machine that are killed, and what must hold of them."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

from pipeline.crawl.canonical_url import target
from pipeline.storage.gc import collect
from pipeline.storage.journal import FOLDER, Journal
from pipeline.storage.local import LocalFiles
from pipeline.storage.roots import Keep
from pipeline.storage.verify import verify
from pipeline.store import Store
from pipeline.warc_record import read_response

ROOT = Path(__file__).parents[3]
COLUMNS = ("payload_sha256", "warc_file", "warc_offset", "warc_length")
WINDOW = "2026-11-22T01:00:00Z"


class Driver:
    """Starts crawls, each a process of its own; `pid` is that of the one under way."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.pipeline.crawl.crawl_driver"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = None

    def run(self, root, site, *, window=WINDOW, last=None, **settings):
        """Crawl to the end or to the kill; how it ended."""
        settings = {"seeds": [f"{site.url}/"], **settings}
        job = {"root": str(root), "window": window, "last": last, "settings": settings}
        self.pid = None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        self.pid = int(self._process.stdout.readline())
        return int(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def durable(root):
    """The paths whose visits are written down in an unfinished crawl."""
    files = LocalFiles(Path(root))
    folders = {"/".join(each.path.split("/")[:4]) for each in files.entries(FOLDER)}
    found = set()
    for folder in folders:
        journal = Journal(files, folder)
        for _, rows, _ in journal.segments():
            found |= {target(row[1][0]) for row in rows if row[0] == "visit"}
        journal.close()
    return found


def outcome(root):
    """What the only version of some pages holds: its digests, and its addresses."""
    store = Store.at(root, create=False)
    assert verify(store).damages == ()
    (manifest,) = store.manifests("pages")
    for shard in manifest.shards:
        receipt = store.receipt(shard)
        for batch in store.batches(receipt, "pages", COLUMNS):
            for row in batch.to_pylist():
                with store.open_file(receipt, row["warc_file"]) as file:
                    place = row["warc_offset"], row["warc_length"]
                    body = read_response(file, *place, most_bytes=10**7).body
                assert hashlib.sha256(body).digest() == row["payload_sha256"]
    tables = {name: each for name, each in manifest.digests.items() if not name.startswith("file")}
    return tables, sorted(store.read(manifest, "pages", ["url"])["url"].to_pylist())


def assert_nothing_is_left(root):
    """What a kill in the middle of clearing up has left goes with the next collection."""
    collect(Store.at(root), Keep(grace_seconds=0), who="test", why="test", now=time.time() + 60)
    left = [each for each in (Path(root) / "attempts").rglob("*") if each.is_file()]
    assert not [each for each in left if FOLDER in str(each)]
