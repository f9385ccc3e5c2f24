"""The labelled set of private data: what is marked in each text, and what finders make of it.

Each line of labelled_private.jsonl is a text in a language, or code, with its private data marked
as [[kind|value]] and what only looks like it as [[-what|value]]. All of it is made up. A ¦ in a
value is left out where it is read: without it, guards of repositories would take the file for a
leak. Half of the sentences were held out while detectors were tuned.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

PLACE = Path(__file__).with_name("labelled_private.jsonl")
MARK = re.compile(r"\[\[([a-z0-9_-]+)\|(.*?)\]\]", re.DOTALL)


class Labelled(NamedTuple):
    """A text without its marks, and the spans that they were around, in bytes of UTF-8."""

    language: str
    part: str
    text: str
    spans: set
    looks: set


def labelled():
    return [_read(json.loads(line)) for line in PLACE.read_text().splitlines()]


def _read(row):
    text, done, spans, looks = "", 0, set(), set()
    for mark in MARK.finditer(row["text"]):
        text += row["text"][done : mark.start()]
        start = len(text.encode())
        text += mark[2].replace("¦", "")
        (looks if mark[1].startswith("-") else spans).add((start, len(text.encode()), mark[1]))
        done = mark.end()
    return Labelled(row["language"], row["part"], text + row["text"][done:], spans, looks)


def counted(find, texts, of=lambda text, kind: kind):
    """Right, wrong and missed spans of a finder, each by `of(text, kind)`."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for text in texts:
        found = set(find(text.text))
        for counter, spans in (
            (right, found & text.spans),
            (wrong, found - text.spans),
            (missed, text.spans - found),
        ):
            counter.update(of(text, kind) for _, _, kind in spans)
    return right, wrong, missed


def rates(right, wrong, missed, key):
    """Precision and recall."""
    found, there = right[key] + wrong[key], right[key] + missed[key]
    return right[key] / max(found, 1), right[key] / max(there, 1)
