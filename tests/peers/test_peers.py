"""A peer's environment has none of our packages but numpy: what runs in it imports no other."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.peers import PACKAGES, python_of

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(
    each.stem for each in Path(__file__).parent.glob("*.py") if not each.stem.startswith("test_")
)
READ = """
import sys

class Poor:
    def find_spec(self, name, *_):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "numpy", "tests", "pipeline"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Poor())
import numpy, tests.peers.PROGRAM
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_for_a_peer_is_read_by_a_python_without_our_packages(program):
    read = [sys.executable, "-c", READ.replace("PROGRAM", program)]
    done = subprocess.run(read, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_peer_is_not_installed_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.benchmarks.peers.PLACE", tmp_path)
    monkeypatch.setitem(PACKAGES, "nothing", ())
    (tmp_path / "nothing/bin").mkdir(parents=True)
    (tmp_path / "nothing/ready").write_text("")
    assert python_of("nothing") == str(tmp_path / "nothing/bin/python")
