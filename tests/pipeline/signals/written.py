"""A stage of documents written down in a test."""

import hashlib
from typing import ClassVar

import pyarrow as pa

from pipeline.stage import Stage, Unit
from schemas.document import DOCUMENTS

SHARD = 3  # documents


class Written(Stage):
    """Documents of given texts; None was quarantined."""

    texts: tuple[str | None, ...]
    main: ClassVar = "documents"
    live: ClassVar = "text"

    def name(self):
        return "documents"

    def reads(self):
        return {}

    def tables(self):
        return {"documents": DOCUMENTS}

    def units(self, inputs):
        return [Unit(shards=(f"{n:03d}",)) for n in range(-(-len(self.texts) // SHARD))]

    def make(self, work):
        first = int(work.unit.shards[0]) * SHARD
        rows = []
        for number, text in enumerate(self.texts[first : first + SHARD], start=first):
            ids = hashlib.sha256(str(number).encode()).digest()[:16]
            rows.append({"doc_id": ids, "url": f"http://localhost/{number}", "text": text})
            if text is None:
                work.quarantine(ids, "bytes", "too long")
        work.write("documents", pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS))
