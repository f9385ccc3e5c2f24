"""Compiled kernels are kept for as long as nothing that they are compiled from has changed."""

import ast
import json
import os
import shutil
import subprocess
import sys

import pytest

from pipeline.run import numba_cache
from pipeline.run.keys import CHECKOUT
from pipeline.run.numba_cache import kernel_files

# All that numba compiles, wherever it stands: the files of its functions.
COMPILED = """
import gc, importlib, inspect, json, pkgutil
import pipeline
for each in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
    importlib.import_module(each.name)
from numba.core.dispatcher import Dispatcher
found = [each for each in gc.get_objects() if isinstance(each, Dispatcher)]
print(json.dumps(sorted({inspect.getfile(each.py_func) for each in found})))
"""
# All of ours that is loaded with some modules.
LOADED = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
ours = ("pipeline", "schemas", "ray_jobs", "flows")
loaded = [each.__file__ for name, each in sys.modules.items() if name.split(".")[0] in ours]
print(json.dumps(sorted(filter(None, loaded))))
"""


@pytest.mark.parametrize("package", ["pipeline", "schemas"])
def test_no_import_of_ours_escapes_the_pattern(package):
    for path in (CHECKOUT / package).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert imports_of(text) <= set(numba_cache._imported(text)), path


def imports_of(text):
    """As Python understands them."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def said(code, *words):
    ran = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


def inside(files):
    """Those of a list that are ours, as they are named in the checkout."""
    root = f"{CHECKOUT}/"
    return {file.removeprefix(root) for file in map(str, files) if file.startswith(root)}


def test_the_folder_depends_on_every_file_that_compiles_something_and_on_all_that_it_loads():
    kernels = inside(said(COMPILED))
    assert len(kernels) > 10
    named = [file.removesuffix(".py").replace("/", ".") for file in sorted(kernels)]
    loaded = inside(said(LOADED, *named))
    assert kernels <= loaded <= inside(kernel_files())


def state_once_edited(file):
    """The name of the folder once a line was added to a file."""
    file.write_text(file.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    return numba_cache._state.__wrapped__()


def test_an_edit_of_what_kernels_import_gives_another_folder_and_one_elsewhere_the_same(
    tmp_path, monkeypatch
):
    copied = tmp_path / "pipeline"
    for ours in numba_cache.OURS:
        bare = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / ours, tmp_path / ours, ignore=bare)
    before = numba_cache._state.__wrapped__()
    monkeypatch.setattr(numba_cache, "CHECKOUT", tmp_path)
    assert state_once_edited(copied / "signals/stage.py") == before
    constants = state_once_edited(copied / "signals/kernels/shares.py")
    assert constants != before
    assert state_once_edited(copied / "dedup/pairs.py") not in (before, constants)


def test_an_edit_that_keeps_size_and_time_gives_another_folder(tmp_path, monkeypatch):
    for ours in numba_cache.OURS:
        shutil.copytree(CHECKOUT / ours, tmp_path / ours)
    monkeypatch.setattr(numba_cache, "CHECKOUT", tmp_path)
    before = numba_cache._state.__wrapped__()
    assert numba_cache._state.__wrapped__() == before
    file = tmp_path / "pipeline/dedup/pairs.py"
    text, was = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(text.replace("KEPT = -1", "KEPT = -2"), encoding="utf-8")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert file.stat().st_size == was.st_size
    assert numba_cache._state.__wrapped__() != before


ASKED = """
from pipeline.run.numba_cache import use_numba_cache
use_numba_cache()
import numpy as np
from pipeline.dedup.sets import jaccard
numbers = np.arange(9, dtype=np.uint32)
jaccard(numbers, numbers)
print(sum(jaccard.stats.cache_hits.values()))
"""


def test_another_checkout_of_the_same_code_compiles_nothing(tmp_path):
    bare = shutil.ignore_patterns("__pycache__")
    for ours in numba_cache.OURS:
        shutil.copytree(CHECKOUT / ours, tmp_path / ours, ignore=bare)
    told = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "kept")}
    hits = []
    for root in (CHECKOUT, tmp_path):
        told["PYTHONPATH"] = str(root)
        done = subprocess.run(
            [sys.executable, "-c", ASKED], cwd=root, env=told, capture_output=True, check=True
        )
        hits.append(int(done.stdout))
    assert hits == [0, 1]
