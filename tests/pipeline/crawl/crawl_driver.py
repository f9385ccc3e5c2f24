"""A process that has everything imported and forks a crawl for each line it reads.

A line is `{"root", "window", "last", "settings"}`: the crawl is killed before the operation `last`
on the disk (never where that is null). The child's number is said when it begins, how it ended when
it has: an exit code, negative where a signal ended it.
"""

import contextlib
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from pipeline.crawl import diary
from pipeline.crawl.errors import NothingFound
from pipeline.crawl.sources.web import Web
from pipeline.crawl.stage import Pages
from pipeline.storage.founding import opened
from pipeline.storage.local import LocalFiles
from pipeline.store import Store
from schemas.runtime import Runtime
from tests.forking import fork, wait
from tests.pipeline.storage.crashing import Dying
from tests.support import made

SETTINGS = {
    "loopback": True,
    "requests_per_second": 5000.0,
    "backoff_seconds": 0.01,
    "retries": 1,
    "seconds": 20.0,
}


def drive(root, window, last, settings):
    """Make the pages of a window, whatever is there of it."""
    diary.SEGMENT_SECONDS = 0.03  # a segment every few pages: there is much to be killed between
    diary.SNAPSHOT_SEGMENTS = 4
    files = LocalFiles(Path(root)) if last is None else Dying(Path(root), last)
    store = Store(files)
    opened(files, create=True)
    runtime = Runtime(store=store.uri, runner="process", shard_documents=20)
    stage = Pages(source=Web(**(SETTINGS | settings)))
    made(stage, store, refresh=True, window=window, runtime=runtime)


def say(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main():
    with tempfile.TemporaryDirectory() as place, contextlib.suppress(NothingFound):
        drive(place, "2026-11-01T00:00:00Z", None, {"seeds": ["http://127.0.0.1:9/"]})
    for line in sys.stdin:
        job = json.loads(line)
        child = fork(partial(drive, **job))
        say(child)
        say(wait(child))


if __name__ == "__main__":
    main()
