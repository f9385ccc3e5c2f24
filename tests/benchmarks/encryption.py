"""What encryption at rest costs: `python -m tests.benchmarks.encryption`.

The same work on a store in clear and on an encrypted one, turn by turn, so that a slow minute of
the machine falls on both: a large Parquet table written and read, small files, ranges of a large
file, and the small site of tests/flows/small.py to packed tokens. Seconds of the clock and of
processors (children included), medians, and the median of the pairs' ratios. Prints JSON. `--s3`
does the same on an S3 server of this machine, where what the server itself needs counts too.
"""

import argparse
import json
import os
import platform
import random
import resource
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.demo_site.serve import DemoSite
from pipeline.storage.encryption.settings import FILE_VARIABLE
from pipeline.storage.nearby import VARIABLE
from pipeline.store import Store
from tests.flows.small import digests, run, small_recipe, small_site
from tests.object_store import CREDENTIALS, new_bucket, s3_server
from tests.pipeline.storage.encryption import keys

SMALL_FILES, SMALL_BYTES = 500, 1_500  # about what a receipt has
RANGES, RANGE_BYTES = 2_000, 4_096
ROW_BYTES = 2_048
KINDS = ("clear", "encrypted")


class Work:
    """Every piece of work, on one place at a time."""

    def __init__(self, folder: Path, megabytes: int, site: str) -> None:
        rows = megabytes * 1_000_000 // ROW_BYTES
        texts = np.random.default_rng(0).integers(97, 123, (rows, ROW_BYTES), np.uint8)
        column = pa.array([row.tobytes().decode() for row in texts])
        self.table = pa.table({"number": pa.array(range(rows)), "text": column})
        self.source, self.site = folder / "source", site
        self.content = secrets.token_bytes(SMALL_BYTES)
        self.digests: list[object] = []
        pq.write_table(self.table, self.source, compression="none")

    def write_table(self, store: Store) -> None:
        scratch = store.files.scratch()
        pq.write_table(self.table, scratch / "t", compression="zstd", write_page_checksum=True)
        store.files.put("shards/table", scratch / "t")
        (scratch / "t").unlink()
        scratch.rmdir()

    def read_table(self, store: Store) -> None:
        with store.files.open("shards/table") as file:
            parquet = pq.ParquetFile(file, page_checksum_verification=True)
            assert sum(each.num_rows for each in parquet.iter_batches()) == len(self.table)

    def put_file(self, store: Store) -> None:
        store.files.put("shards/plain", self.source)

    def read_file(self, store: Store) -> None:
        with store.files.open("shards/plain") as file:
            while file.read(1 << 20):
                pass

    def ranges(self, store: Store) -> None:
        chance, size = random.Random(1), self.source.stat().st_size
        with store.files.open("shards/plain") as file:
            for _ in range(RANGES):
                file.seek(chance.randrange(size - RANGE_BYTES))
                assert len(file.read(RANGE_BYTES)) == RANGE_BYTES

    def create_small(self, store: Store) -> None:
        for n in range(SMALL_FILES):
            assert store.files.create(f"notes/{n}", self.content)

    def read_small(self, store: Store) -> None:
        for n in range(SMALL_FILES):
            assert store.files.read(f"notes/{n}") == self.content

    def open_store(self, store: Store) -> None:
        for _ in range(20):
            Store.at(store.uri, create=False)

    def recipe(self, store: Store) -> None:
        self.digests.append(digests(run(small_recipe(self.site), store.uri)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256, help="of the large table's text")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--recipes", type=int, default=3, help="pairs of the small recipe")
    parser.add_argument("--s3", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        key_file = keys.use(patch, folder / "keys")
        patch.setenv(VARIABLE, str(folder / "scratch"))
        small_site(folder / "site")
        site = stack.enter_context(DemoSite(folder / "site"))
        if given.s3:
            endpoint = stack.enter_context(s3_server())
            for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
                patch.setenv(name, value)
        numbers = iter(range(2**62))

        def place() -> str:
            return new_bucket(endpoint) if given.s3 else str(folder / f"store-{next(numbers)}")

        work = Work(folder, given.megabytes, site.url)
        told = measured(work, given, place, str(key_file))
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def measured(work: Work, given, place, key_file: str) -> dict:
    """Every piece of work in pairs of a store in clear and an encrypted one."""
    took: dict[str, dict[str, list[tuple[float, float]]]] = {}
    os.environ[FILE_VARIABLE] = ""
    work.recipe(Store.at(place()))  # once for nothing: what is compiled and loaded is there after
    for pair in range(max(given.pairs, given.recipes)):
        for kind in KINDS if pair % 2 else reversed(KINDS):
            os.environ[FILE_VARIABLE] = key_file if kind == "encrypted" else ""
            store = Store.at(place())
            for name in [name for name in vars(Work) if not name.startswith("_")]:
                if pair < (given.recipes if name == "recipe" else given.pairs):
                    seconds = timed(getattr(work, name), store)
                    took.setdefault(name, {}).setdefault(kind, []).append(seconds)
    assert all(each == work.digests[0] for each in work.digests), "the digests differ"
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "place": "S3 server on this machine" if given.s3 else "disk",
        "megabytes": given.megabytes,
        "pairs": {"recipe": given.recipes, "all else": given.pairs},
        "seconds": {name: compared(**pairs) for name, pairs in took.items()},
    }


def timed(act, store: Store) -> tuple[float, float]:
    began, spent = time.perf_counter(), processor()
    act(store)
    return time.perf_counter() - began, processor() - spent


def processor() -> float:
    """Seconds of processors so far, of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def compared(clear, encrypted) -> dict:
    """Medians of both, and the median of what one is of the other, pair by pair."""
    told = {}
    for place, what in enumerate(("clock", "processor")):
        one, other = ([each[place] for each in kind] for kind in (clear, encrypted))
        ratios = [b / a for a, b in zip(one, other, strict=True) if a]
        told[what] = {
            "clear": round(statistics.median(one), 3),
            "encrypted": round(statistics.median(other), 3),
            "ratio": round(statistics.median(ratios), 2) if ratios else None,
        }
    return told


if __name__ == "__main__":
    main()
