"""Many documents out of pieces of books, some of them edited copies of others, made on the fly.

Document n is four of the books' pieces, about 2 kB. Three in ten are copies of the document before
the last whole ten, with so many words replaced that the Jaccard similarity of their runs of five
words is one of `LEVELS`. Everything follows from n and a seed.
"""

import hashlib
from functools import cache
from typing import ClassVar

import numpy as np
import pyarrow as pa

from pipeline.stage import Stage, Unit
from schemas.document import DOCUMENTS
from schemas.page import PAGES, TOMBSTONES
from schemas.verdict import VERDICTS
from tests.benchmarks import books
from tests.pipeline.given import SPANS

LEVELS = (0.7, 0.8, 0.9, 0.95)
PIECE, PIECES = 500, 4  # characters, and how many make a document
SHARD = 50_000  # documents
COPIES = (7, 8, 9)  # documents of each ten that are copies of documents 0, 1 and 2 of the ten
TOGETHER = 1000  # documents written at once


@cache
def pieces():
    """All pieces of the books."""
    return books.pieces(PIECE, PIECE)


def level(number):
    """How similar a document is to the one that it is a copy of; None for originals."""
    last = number % 10
    return LEVELS[number // 10 % len(LEVELS)] if last in COPIES else None


def original(number):
    """The document that this one is a copy of."""
    return number - number % 10 + COPIES.index(number % 10)


def text(number, count=PIECES):
    """The text of a document, out of so many pieces, four at most."""
    if level(number) is None:
        chosen = np.frombuffer(hashlib.sha256(f"text {number}".encode()).digest(), np.uint64)
        return " ".join(pieces()[each % len(pieces())] for each in chosen.tolist()[:count])
    return edited(text(original(number), count), level(number), number)


def edited(whole, wanted, seed):
    """A copy of similarity `wanted` or a little more: a new word ends five runs, begins five."""
    words = whole.split()
    runs = len(words) - 4
    count = int(runs * (1 - wanted) / (1 + wanted) / 5)
    places = np.linspace(2, len(words) - 3, count + 2)[1:-1].astype(int)
    for place in places:
        words[place] = f"edit{seed}x{place}"
    return " ".join(words)


def doc_id(number):
    return hashlib.sha256(f"piece {number}".encode()).digest()[:16]


class BookPieces(Stage):
    """All that lies before duplicate search, in one version: what is kept is everything."""

    main: ClassVar = "verdicts"
    live: ClassVar = "keep"
    documents: int

    def name(self):
        return "pieces"

    def reads(self):
        return {}

    def tables(self):
        return {
            "pages": PAGES,
            "tombstones": TOMBSTONES,
            "documents": DOCUMENTS,
            "signals": SPANS,
            "verdicts": VERDICTS,
        }

    def units(self, inputs):
        return [Unit(shards=(f"{n:05d}",)) for n in range(-(-self.documents // SHARD))]

    def make(self, work):
        start = int(work.unit.shards[0]) * SHARD
        stop = min(start + SHARD, self.documents)
        for at in range(start, stop, TOGETHER):
            numbers = range(at, min(at + TOGETHER, stop))
            columns = columns_of(numbers)
            for table, schema in self.tables().items():
                if table != "tombstones":
                    arrays = [
                        pa.array(columns[field.name], field.type)
                        if field.name in columns
                        else pa.nulls(len(numbers), field.type)
                        for field in schema
                    ]
                    work.write(table, pa.RecordBatch.from_arrays(arrays, schema=schema))


def columns_of(numbers):
    count = len(numbers)
    return {
        "doc_id": [doc_id(number) for number in numbers],
        "url": [f"https://books.example/{number}" for number in numbers],
        "source": ["books"] * count,
        "window": ["2026-01-01T00:00:00Z"] * count,
        "payload_sha256": [bytes(32)] * count,
        "text": [text(number) for number in numbers],
        "spans": [[]] * count,
        "title_spans": [[]] * count,
        "keep": [True] * count,
    }
