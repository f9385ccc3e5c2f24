"""Where store tests put their stores, and the process that forks their drivers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def place():
    """A folder in memory where there is one: tests flush thousands of times."""
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="penstock-", dir=where))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def where(request):
    """A place for a store: on a disk, unless a test is `on_both`."""
    if getattr(request, "param", "disk") == "s3":
        return request.getfixturevalue("s3")()
    return str(request.getfixturevalue("place") / "store")


@pytest.fixture(scope="session")
def drivers():
    """`drivers(job, ...)` runs drivers at once, each a process of its own; how each ended."""
    command = [sys.executable, "-m", "tests.pipeline.storage.crash_driver"]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def run(*jobs):
            told = {n: v for n, v in os.environ.items() if n.startswith(("AWS_", "PENSTOCK_"))}
            asked = [
                job | {"root": str(job["root"]).removeprefix("file://"), "environment": told}
                for job in jobs
            ]
            process.stdin.write(json.dumps(asked))
            process.stdin.write("\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()
