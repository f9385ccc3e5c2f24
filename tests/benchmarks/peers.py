"""Environments of the peers that benchmarks compare us with, each of its own: they conflict.

They lie below build/peers, and are made where they are not there, or hold other versions than are
asked for.
"""

import subprocess
import venv
from pathlib import Path

PLACE = Path(__file__).parents[2] / "build/peers"
PACKAGES = {
    "datatrove": ("datatrove[processing,io]==0.10.1", "spacy>=3.8", "rensa==0.5.0"),
    "dolma": ("dolma==1.2.1", "boto3==1.28.17", "pycld2==0.42"),
    "lightgbm": ("lightgbm==4.7.0",),
    "data_juicer": (  # what it installs while it runs is here before
        "py-data-juicer==1.6.1",
        *("aiohttp==3.14.5", "av==13.1.0", "ftfy==6.3.1", "ray==2.60.0", "scipy==1.17.1"),
        "torch==2.13.0",
    ),
    "scrapy": ("scrapy==2.19.*",),
}


class DoesNotInstall(Exception):
    """A peer that pip does not install on this machine."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(
            f"{name} does not install here: {problem}\n"
            f"Install {' '.join(PACKAGES[name])} into {PLACE / name} by hand to see why."
        )


def python_of(name):
    """The Python of an environment that has the peer.

    Raises:
        DoesNotInstall: pip refuses, in its own words.
    """
    python = PLACE / name / "bin/python"
    ready, wanted = PLACE / name / "ready", "\n".join(PACKAGES[name])
    if not ready.exists() or ready.read_text() != wanted:
        venv.create(PLACE / name, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "-q", *PACKAGES[name]]
        done = subprocess.run(install, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise DoesNotInstall(name, (told or ["pip gave no reason"])[-1])
        ready.write_text(wanted)
    return str(python)


def step_of(name, step, *words):
    """The command that does a step in the peer's own way: see tests/peers/step.py."""
    return [python_of(name), "-m", f"tests.peers.{name}", step, *words]
