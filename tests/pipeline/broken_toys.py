"""Stages that break a promise, each in one way."""

import pyarrow as pa

from schemas.column import ordered
from tests.pipeline.toy import Judge


class Losing(Judge):
    """Forgets its first document."""

    aligned = False

    def make(self, work):
        rows = work.table("words", "words", ["doc_id"])
        work.write("judged", rows.slice(1).append_column("keep", [[True] * (len(rows) - 1)]))


class LoseOneDoubleOne(Judge):
    """The counts agree, the documents do not."""

    aligned = False

    def make(self, work):
        ids = work.table("words", "words", ["doc_id"])["doc_id"].to_pylist()
        ids[0] = ids[1]
        work.write("judged", pa.table({"doc_id": pa.array(ids, pa.binary(16)), "keep": [True] * 5}))


class Shuffling(Judge):
    """The right documents in another order."""

    def make(self, work):
        ids = work.table("words", "words", ["doc_id"])["doc_id"].to_pylist()[::-1]
        work.write("judged", pa.table({"doc_id": pa.array(ids, pa.binary(16)), "keep": [True] * 5}))


class Peeking(Judge):
    """Reads a column that its key does not depend on."""

    def make(self, work):
        work.table("words", "words", ["text"])


class Ordering(Judge):
    """Its documents are a sequence, and their digest no sum."""

    def tables(self):
        return {name: ordered(schema) for name, schema in super().tables().items()}
