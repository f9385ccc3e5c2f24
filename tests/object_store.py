"""An S3 API for tests: moto's server as a process on loopback, and buckets in it."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from itertools import count
from pathlib import Path

from tests.flows.prefect_server import end, free_port

ROOT = Path(__file__).parents[1]
START_SECONDS = 120
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST", "AWS_SECRET_ACCESS_KEY": "s" * 40}
_numbers = count()


@contextlib.contextmanager
def s3_server():
    """Start a server; gives its endpoint, http://127.0.0.1:PORT."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.s3_server", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(endpoint, timeout=5):
                break
            assert process.poll() is None, "moto's server has ended"
            assert time.monotonic() < until, "moto's server does not answer"
            time.sleep(0.2)
        yield endpoint
    finally:
        end(process)


def new_bucket(endpoint):
    """The URI of a store's place in a bucket of its own."""
    name = f"bucket-{os.getpid()}-{next(_numbers)}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT"), timeout=60)
    return f"s3://{name}/store"
