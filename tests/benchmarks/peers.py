"""Environments of the peers that benchmarks compare us with, each of its own: they conflict.

They lie below build/peers and are made where they are not there.
"""

import subprocess
import venv
from pathlib import Path

PLACE = Path(__file__).parents[2] / "build/peers"
PACKAGES = {
    "datatrove": ("datatrove[processing,io]==0.10.1", "spacy>=3.8", "rensa==0.5.0"),
    "dolma": ("dolma==1.2.1", "boto3==1.28.17"),
    "lightgbm": ("lightgbm==4.7.0",),
    "data_juicer": ("py-data-juicer==1.4.3",),
    "scrapy": ("scrapy==2.19.*",),
}


def python_of(name):
    """The Python of an environment that has the peer."""
    python = PLACE / name / "bin/python"
    ready = PLACE / name / "ready"
    if not ready.exists():
        venv.create(PLACE / name, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[name]], check=True)
        ready.touch()
    return str(python)
