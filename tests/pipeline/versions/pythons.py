"""Runs a program under every Python that versions must agree on, where it is installed."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

NAMES = ("python3.11", "python3.12", "python3.13")
CHECKOUT = Path(__file__).parents[3]


@cache
def _working(name: str) -> str | None:
    """The first on PATH that answers: a version manager's placeholder may only print an error."""
    for folder in os.get_exec_path():
        path = shutil.which(name, path=folder)
        if path and name.removeprefix("python") in _version(path, name):
            return path
    return None


def _version(path: str, name: str) -> str:
    try:
        ran = subprocess.run(
            [path, "--version"],
            env=_environment(name),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except OSError:
        return ""
    return ran.stdout if ran.returncode == 0 else ""


def _environment(name: str) -> dict[str, str]:
    """Tells pyenv, where that is what PATH finds first, which of its Pythons is meant."""
    return {**os.environ, "PYENV_VERSION": name.removeprefix("python")}


def run(name: str, program: Path, *, hash_seed: str = "0", typed: str = "") -> str:
    """What the program prints under the named Python; skips the test where there is none."""
    python = sys.executable if name == "this Python" else _working(name)
    if python is None:
        pytest.skip(f"no working {name} on PATH, so it was not compared")
    return subprocess.run(
        [python, "-s", "-B", str(program)],
        input=typed,
        env={
            **_environment(name),
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONHASHSEED": hash_seed,
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
