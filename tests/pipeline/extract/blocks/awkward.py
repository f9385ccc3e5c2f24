"""An extractor that does to its process what the page asks for."""

import os
import signal
import sys
import time
from pathlib import Path

from pipeline.extract.extractor import Extracted, Extractor


class Awkward(Extractor):
    """Hangs, fills the memory, fails or dies where the page says so; else gives the page back."""

    def extract(self, html: str, url: str) -> Extracted:
        word = html.partition(" ")[0]
        if word in DEEDS:
            DEEDS[word](url)
        return Extracted(html, f"title of {url}", "de_AT")


def hang(url):
    time.sleep(3600)


def spin(url):
    while True:
        pass


def eat(url):
    eaten = []
    while True:
        eaten.append(b"x" * (1 << 24))


def gulp(url):
    bytearray(1 << 40)


def die(url):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(url):
    if not Path(url).exists():
        Path(url).touch()
        die(url)


def fail(url):
    raise KeyError(url)


def chatter(url):
    sys.stdout.write("a line on stdout\n")
    sys.stdout.flush()


DEEDS = {
    "HANG": hang,
    "SPIN": spin,
    "EAT": eat,
    "GULP": gulp,
    "DIE": die,
    "ONCE": die_once,
    "FAIL": fail,
    "CHATTER": chatter,
}
