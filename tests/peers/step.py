"""What the scripts of all peers share: how a step is asked for, timed and told.

    PYTHON-WITH-THE-PEER -m tests.peers.PEER STEP DOCUMENTS [TOKENIZER]

DOCUMENTS is a JSONL file with id and text. A step gets its path, a folder to write to, and the
tokenizer; it imports what it needs, looks at a clock, works, and gives what the clock says.
"""

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(TOKENIZERS_PARALLELISM="false", RAYON_NUM_THREADS="1", OMP_NUM_THREADS="1")
os.environ.update(HF_HUB_OFFLINE="1", UV_OFFLINE="1", PIP_NO_INDEX="1")  # nothing is fetched


def main(steps):
    """Do the step that was asked for; print its seconds as JSON."""
    step, documents, *more = sys.argv[1:]
    out = sys.stdout  # data-juicer takes it for its log
    place = tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    try:
        taken = steps[step](documents, place, *more)
    finally:
        shutil.rmtree(place)
    out.write("\n" + json.dumps(taken) + "\n")


def rows(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


class Clock:
    """Processor seconds of this process and of those that it started and that have ended."""

    def __init__(self):
        self._cpu, self._wall = _cpu(), time.monotonic()

    def told(self):
        return {
            "cpu_seconds": _cpu() - self._cpu,
            "wall_seconds": time.monotonic() - self._wall,
        }


def _cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
