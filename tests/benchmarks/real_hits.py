"""What is found as private data in real pages (../shared/data), and what a reader said of it.

judged_private.tsv holds the verdicts, one for each hit that was read in its context: the source,
the kind, the first 16 hexadecimal digits of the SHA-256 of kind, value and `CONTEXT` bytes on
either side, and whether it is what its kind says. Neither value nor text is kept: they are other
people's. What counts as right:

- email: somebody's mailbox, or that of a list or an office; no name of a message, none made up.
- phone, ipv4, ipv6, iban, payment_card, us_ssn: really one, and not made up for an example.
- secret: what a service gave to one holder as a key, token or password, whether or not that holder
  shows it to all the world in a page.
"""

import gzip
import hashlib
import html
import json
import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.signals.families.private_data import PrivateData
from tests.benchmarks import wcxb

SHARED = Path(__file__).parents[3] / "shared/data"
JUDGED = Path(__file__).with_name("judged_private.tsv")
PLAIN = {
    "gimp": "dedup/gimp.docs.jsonl.gz",
    "installguide": "dedup/installguide_en.docs.jsonl.gz",
    "20news": "tasks/20news/train.jsonl.gz",
    "aeslc": "tasks/aeslc/train.jsonl.gz",
}
EVERY = 20  # of the site's pages one is read: they are copies in thirty languages
# Texts hold next to none of these kinds. They are looked for in the source of the pages as well, in
# its scripts and attributes, where keys stand and many numbers only look like cards.
RARE = ("iban", "payment_card", "us_ssn", "secret")
CONTEXT = 40  # bytes on either side that tell hits of one value apart
MOST = 60  # hits of a kind that are judged
ROWS = 256  # in a batch
MARKUP = re.compile(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>")


class Hit(NamedTuple):
    """A span that was found, with what stands around it."""

    source: str
    kind: str
    before: bytes
    value: bytes
    after: bytes

    @property
    def key(self):
        told = (self.kind.encode(), self.value, self.before[-CONTEXT:], self.after[:CONTEXT])
        return hashlib.sha256(b"\0".join(told)).hexdigest()[:16]


def texts():
    """(source, text) of all that is read."""
    for source, name in PLAIN.items():
        with gzip.open(SHARED / name, "rt") as lines:
            yield from ((source, json.loads(line)["text"]) for line in lines)
    yield from (("site", shown(page)) for page in site())
    for page in wcxb.pages():
        yield "wcxb", shown(page.html)
        yield "wcxb source", page.html


def site():
    """Pages of the documentation site, as HTML."""
    with tarfile.open(SHARED / "web/site.tar.xz") as archive:
        pages = [each for each in archive if each.isfile() and ".htm" in each.name]
        for page in pages[::EVERY]:
            content = archive.extractfile(page).read()
            content = gzip.decompress(content) if page.name.endswith(".gz") else content
            yield content.decode("utf-8", "replace")


def shown(page):
    """The text of a page without its markup; by no extractor of ours, which may change."""
    return html.unescape(MARKUP.sub(" ", page))


def hits():
    """One hit of every value, by kind."""
    found, given = {}, []
    for each in texts():
        given.append(each)
        if len(given) == ROWS:
            _add(given, found)
            given = []
    _add(given, found)
    return {kind: list(by_value.values()) for kind, by_value in found.items()}


def _add(given, found):
    column = pa.array([text.encode("utf-8", "replace").decode() for _, text in given])
    batch = pa.record_batch({"text": column, "title": pa.nulls(len(given), pa.string())})
    spans = PrivateData().measure(batch)["spans"].to_pylist()
    for (source, _), text, some in zip(given, column, spans, strict=True):
        content = text.as_buffer().to_pybytes() if some else b""
        for span in some:
            start, stop, kind = span["start"], span["stop"], span["kind"]
            if source == "wcxb source" and kind not in RARE:
                continue
            around = content[max(start - 200, 0) : start], content[stop : stop + 200]
            hit = Hit(source, kind, around[0], content[start:stop], around[1])
            found.setdefault(kind, {}).setdefault(hit.value, hit)


def sample(found):
    """At most `MOST` hits of each kind, the sources in turn, and of each those of smallest key.

    So the largest source does not decide alone, and a hit more or less changes no other's place.
    """
    return {kind: _in_turn(each)[:MOST] for kind, each in found.items()}


def _in_turn(some):
    place = Counter()
    turns = []
    for hit in sorted(some, key=lambda hit: hit.key):
        turns.append((place[hit.source], hit))
        place[hit.source] += 1
    return [hit for _, hit in sorted(turns, key=lambda turn: (turn[0], turn[1].key))]


def verdicts():
    """Key -> whether a hit is right."""
    rows = (line.split("\t") for line in JUDGED.read_text().splitlines())
    return {key: verdict == "right" for _, _, key, verdict in rows}
