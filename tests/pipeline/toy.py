"""Small stages that a test can run, and break, in milliseconds."""

import hashlib
from typing import ClassVar

import pyarrow as pa

from pipeline.stage import EVERY_SHARD, Reads, Stage, Unit, all_at_once, one_to_one
from schemas.artifact import Exactness
from schemas.column import column, doc_id

WORDS = pa.schema(
    [
        doc_id(),
        column("text", pa.string(), "text"),
        column("length", pa.int32(), "length"),
        column("fetched", pa.int64(), None),
    ]
)
JUDGED = pa.schema([doc_id(), column("keep", pa.bool_(), "keep")])


def identity(text):
    return hashlib.sha256(text.encode()).digest()[:16]


class Source(Stage):
    """Words, cut into shards of `size` as the layout asks."""

    words: tuple[str, ...] = tuple(f"word{n}" for n in range(20))
    exactness: ClassVar = Exactness.EXACT
    main: ClassVar = "words"
    live: ClassVar = "text"
    size: ClassVar[int] = 5

    def name(self):
        return "words"

    def reads(self):
        return {}

    def tables(self):
        return {"words": WORDS}

    def units(self, inputs):
        return [Unit(shards=(f"{n:03d}",)) for n in range(-(-len(self.words) // self.size))]

    def make(self, work):
        first = int(work.unit.shards[0]) * self.size
        some = self.words[first : first + self.size]
        rows = {
            "doc_id": [identity(w) for w in some],
            "text": list(some),
            "length": [len(w) for w in some],
            "fetched": [id(self)] * len(some),
        }
        work.write("words", pa.RecordBatch.from_pydict(rows, schema=WORDS))


class Judge(Stage):
    """Keeps words of at least `fewest` letters."""

    fewest: int = 6
    main: ClassVar = "judged"
    follows: ClassVar = "words"
    aligned: ClassVar = True
    live: ClassVar = "keep"

    def name(self):
        return "judged"

    def reads(self):
        return {"words": Reads(columns={"words": ("length",)})}

    def tables(self):
        return {"judged": JUDGED}

    def units(self, inputs):
        return one_to_one(inputs, "words")

    def make(self, work):
        rows = work.table("words", "words", ["doc_id", "length"])
        keep = [length >= self.fewest for length in rows["length"].to_pylist()]
        for doc, length, stays in zip(*rows.to_pydict().values(), keep, strict=True):
            if not stays:
                work.drop(doc, "short", value=length, threshold=self.fewest)
        work.write("judged", pa.table({"doc_id": rows["doc_id"], "keep": keep}))


class Report(Stage):
    """All kept words in one file."""

    def name(self):
        return "report"

    def reads(self):
        return {
            "words": Reads(columns={"words": ("text",)}),
            "judged": Reads(columns={"judged": ("keep",)}),
        }

    def tables(self):
        return {}

    def units(self, inputs):
        return all_at_once(inputs, [EVERY_SHARD])

    def make(self, work):
        words = work.table("words", "words", ["doc_id", "text"])
        kept = work.table("judged", "judged", ["doc_id", "keep"])
        stays = dict(zip(*kept.to_pydict().values(), strict=True))
        ids = words["doc_id"].to_pylist()
        texts = [t for i, t in zip(ids, words["text"].to_pylist(), strict=True) if stays[i]]
        work.add_file("report.txt", "\n".join(sorted(texts)).encode())
