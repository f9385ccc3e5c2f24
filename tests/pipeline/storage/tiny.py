"""Tiny stages, and the chains of them that crash and race tests run."""

import hashlib
import time
from typing import ClassVar

import pyarrow as pa

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures, spread
from pipeline.run.choose import Wishes
from pipeline.run.made import Made
from pipeline.run.runner import Runner
from pipeline.run.unit import make_unit
from pipeline.stage import Reads, Stage, Unit, one_to_one
from schemas.artifact import Exactness
from schemas.document import DOCUMENTS
from schemas.page import PAGES, TOMBSTONES
from schemas.runtime import Runtime
from schemas.signature import SIGNATURES
from tests.pipeline.given import SPANS
from tests.pipeline.toy import Judge, Report, Source
from tests.support import Silent

WINDOW = "2026-01-01T00:00:00Z"
LONG = " ".join(f"word{n}" for n in range(40))
TEXTS = {
    "000": {"a": LONG, "b": LONG, "c": "something else altogether"},
    "001": {"d": LONG + " more", "e": "a fifth and last text"},
}
SIGN = Signatures(words=2, bands=10, rows=2)
CLUSTERS = Clusters(words=2, threshold=0.6)


def doc_id(url, text):
    return hashlib.sha256(f"{url}\n{text}".encode()).digest()[:16]


class TinyPages(Stage):
    """Five pages in two shards, and what later stages make of them: texts without private data."""

    main: ClassVar = "pages"

    def name(self):
        return "pages"

    def reads(self):
        return {}

    def tables(self):
        return {"pages": PAGES, "tombstones": TOMBSTONES, "documents": DOCUMENTS, "signals": SPANS}

    def units(self, inputs):
        return [Unit(shards=(shard,)) for shard in TEXTS]

    def make(self, work):
        rows = [
            {
                "doc_id": doc_id(url, text),
                "url": url,
                "source": "jsonl",
                "window": WINDOW,
                "payload_sha256": hashlib.sha256(text.encode()).digest(),
                "text": text,
            }
            for url, text in TEXTS[work.unit.shards[0]].items()
        ]
        work.write("pages", pa.RecordBatch.from_pylist(rows, schema=PAGES))
        work.write("documents", pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS))
        spans = [row | {"spans": [], "title_spans": []} for row in rows]
        work.write("signals", pa.RecordBatch.from_pylist(spans, schema=SPANS))


class TinySignatures(Stage):
    """The real signatures of those pages."""

    main: ClassVar = "signatures"
    follows: ClassVar = "pages"
    aligned: ClassVar = True
    live: ClassVar = "text_sha256"

    def name(self):
        return "signatures"

    def reads(self):
        return {"pages": Reads(columns={"pages": ("text",)})}

    def tables(self):
        return {"signatures": SIGNATURES}

    def units(self, inputs):
        return one_to_one(inputs, "pages")

    def make(self, work):
        rows = work.table("pages", "pages", ["doc_id", "text"])
        live = pa.array([True] * len(rows))
        signed = SIGN.sign(rows["text"].combine_chunks())
        columns = [rows["doc_id"], *(spread(each, live) for each in signed)]
        work.write("signatures", pa.table(columns, names=SIGNATURES.names))


class Sky(Stage):
    """Looks at the world, which is another one each time."""

    exactness: ClassVar = Exactness.OBSERVED
    seconds: float = 0.0

    def name(self):
        return "sky"

    def reads(self):
        return {"earlier": Reads()}

    def tables(self):
        return {}

    def units(self, inputs):
        return [Unit(open=True)]

    def make(self, work):
        for shard in ("000", "001"):
            work.add_file("sky.txt", f"{time.time_ns()}".encode(), shard=shard)
            time.sleep(self.seconds)


class Clock(Source):
    """The bytes of its files are others each time, the digests are not."""

    def make(self, work):
        rows = {"doc_id": [doc_id("", "a")], "text": ["a"], "length": [1]}
        now = pa.array([time.time_ns()])
        work.write("words", pa.table(rows).append_column("fetched", now))

    def units(self, inputs):
        return [Unit(shards=("000",))]


class Here:
    """An executor that makes units in this process, through the very store it is given."""

    def __init__(self, store):
        self._store = store

    def run(self, orders, done):
        for order in orders:
            done(order, make_unit(order, None, self._store))

    def close(self):
        pass


def runner(store, **wishes):
    runtime = Runtime(store=store.uri, runner="process")
    asked = Wishes(**{"recipe": "test", "window": WINDOW} | wishes)
    return Runner(store, runtime, asked, Here(store), Silent())


WORDS = Source(words=tuple(f"word{n}" for n in range(7, 14)))


def words(make):
    return make(WORDS)


def judged(make):
    return make(Judge(), words=make(WORDS))


def report(make):
    source = make(WORDS)
    return make(Report(), words=source, judged=make(Judge(), words=source))


def signatures(make):
    return make(TinySignatures(), pages=make(TinyPages()))


def clusters(make):
    pages = make(TinyPages())
    return make(
        CLUSTERS,
        pages=pages,
        documents=pages,
        private_data=pages,
        signatures=make(TinySignatures(), pages=pages),
    )


def sky(make):
    return make(Sky(seconds=0.05))


STAGES = (
    WORDS,
    Judge(),
    Report(),
    TinyPages(),
    TinySignatures(),
    CLUSTERS,
    Sky(),
)
CHAINS = {chain.__name__: chain for chain in (words, judged, report, signatures, clusters, sky)}


def run(name, store, **wishes) -> Made:
    """Run one chain in this process."""
    return CHAINS[name](runner(store, **wishes)).manifest
