"""Machine code that is kept runs in a new process as it did, and brings no compiler along."""

import json
import os
import subprocess
import sys

from pipeline.run.keys import CHECKOUT

# What loops of ours may do, in a file of their own: numba keeps nothing of what has no file.
LOOPS = """
import numpy as np
from pipeline.compiling import compiled

@compiled
def sums(numbers):
    found = np.zeros(3, np.int64)
    for number in numbers:
        found[number % 3] += number
    return found

@compiled
def strange(numbers):
    return np.dot(np.ones(len(numbers)), np.ones(len(numbers))), np.random.random() < 2

@compiled
def refused(numbers):
    if numbers[0] > 0:
        raise ValueError("a positive number")
    return numbers[0]
"""
RUN = """
import json, sys
from pipeline.run.numba_cache import use_numba_cache
use_numba_cache()
import numpy as np
import loops
numbers = np.arange(9, 0, -1)
said = [loops.sums(numbers).tolist()]
light = "scipy.linalg" not in sys.modules and "numba.np.linalg" not in sys.modules
summed, likely = loops.strange(numbers)
said += [summed, bool(likely)]
try:
    loops.refused(numbers)
except ValueError as error:
    said.append(str(error))
hits = sum(sum(each.stats.cache_hits.values()) for each in vars(loops).values()
           if hasattr(each, "stats"))
said.append(loops.sums(numbers.astype(np.uint8)).tolist())
print(json.dumps([said, light, hits]))
"""


def test_kept_loops_do_what_they_did_and_load_no_compiler(tmp_path):
    (tmp_path / "loops.py").write_text(LOOPS)
    path = os.pathsep.join((str(CHECKOUT), str(tmp_path)))
    told = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "kept")}
    ran = [
        subprocess.run([sys.executable, "-c", RUN], env=told, capture_output=True, check=True)
        for _ in range(2)
    ]
    (first, _, compiled), (second, light, loaded) = (json.loads(each.stdout) for each in ran)
    sums = [18, 12, 15]
    assert first == second == [sums, 9.0, True, "a positive number", sums]
    assert (compiled, loaded) == (0, 3)
    # If this fails since numba was updated: see whether `_KeptCode` may still do what it does.
    assert light
