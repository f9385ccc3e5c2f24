"""A process that has everything imported and forks a driver for each line it reads.

A line is a JSON list of drivers to run at once, `{"chain", "root", "last", ...wishes}`; the answer
is the list of how each ended, as exit codes (negative: killed by that signal).
"""

import json
import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.packed_numbers import unpacked
from pipeline.run.keys import key_parts
from pipeline.storage.founding import opened
from pipeline.storage.places import is_far
from pipeline.store import Store
from tests.forking import fork, wait
from tests.pipeline.dedup.deciding import clusters_of
from tests.pipeline.storage.crashing import Dying, DyingObjects
from tests.pipeline.storage.tiny import CLUSTERS, SIGN, STAGES, TEXTS, run


def drive(chain, root, last, environment, **wishes):
    """Run a chain, if any; die before the operation `last` on the disk, or on the object store."""
    os.environ.update(environment)
    files = DyingObjects(root, last) if is_far(root) else Dying(Path(root), last)
    store = Store(opened(files, create=True))
    if chain:
        run(chain, store, **wishes)


def main():
    for line in sys.stdin:
        children = [fork(partial(drive, **job)) for job in json.loads(line)]
        ends = [wait(child) for child in children]
        sys.stdout.write(json.dumps(ends) + "\n")
        sys.stdout.flush()


def compile_kernels():
    """Compile what `clusters` calls here, once for all children."""
    texts = pa.array([text for shard in TEXTS.values() for text in shard.values()])
    sha256, letters, shingles, minhash, _ = SIGN.sign(texts)
    records = pa.table(
        {
            "doc_id": pa.array([bytes(15) + bytes((n,)) for n in range(len(texts))], pa.binary(16)),
            "url": texts,
            "source": texts,
            "window": texts,
            "text_sha256": sha256,
            "letters": letters,
            "shingles": shingles,
        }
    )
    signatures = unpacked(minhash, np.uint32)
    gone = records.slice(0, 0)
    reading = lambda wanted: iter([texts.take(wanted)])  # noqa: E731
    clusters_of(CLUSTERS, SIGN, records, signatures, gone, reading)


if __name__ == "__main__":
    compile_kernels()
    for stage in STAGES:
        key_parts(stage, {}, {})  # reads and remembers the stage's code
    main()
