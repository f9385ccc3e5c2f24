"""A store of made-up shards: pages, what left, a corpus, packed rows and models, in minutes.

They are written past the stages, and their digests are made up too: only lineage can be asked.
"""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.storage.parquet import footer_sha256
from pipeline.store import Store, shard_folder
from schemas.artifact import (
    ArtifactRef,
    Exactness,
    Manifest,
    Receipt,
    Shard,
    StoredFile,
    Table,
)
from schemas.cluster import CLUSTERS
from schemas.ledger import LEDGER
from schemas.page import PAGES
from schemas.tokens import ROW_MAP
from schemas.verdict import VERDICTS

DOMAINS, LARGE = 40_000, "large.example"  # the large one has a quarter of all pages
SHARD_DOCUMENTS = 20_000
SHARES = {"verdicts": 0.3, "clusters": 0.1}  # of the pages, dropped there
CORPUS = pa.schema([("doc_id", pa.binary(16)), ("url", pa.string())])


class Made:
    """A store of made-up shards, written past the stages: their digests are made up too."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.at(folder)
        self.facts = 0
        self.shards: dict[str, list[Shard]] = {}

    def shard(self, stage: str, name: str, main: str, tables: dict[str, pa.Table]) -> None:
        key = hashlib.sha256(f"{stage} {name}".encode()).hexdigest()
        written = tuple(self._table(stage, key, table, rows) for table, rows in tables.items())
        receipt = Receipt(
            stage=stage,
            shard_key=key,
            attempt="made",
            tables=written,
            main=main,
            sequence=None
            if stage in ("corpus", "tokens")
            else hashlib.sha256(name.encode()).hexdigest(),
            started="2026-11-22T00:00:00+00:00",
            wall_seconds=0,
            cpu_seconds=0,
        )
        self.store.create_receipt(receipt)
        self.shards.setdefault(stage, []).append(Shard(name=name, stage=stage, shard_key=key))

    def _table(self, stage: str, key: str, name: str, rows: pa.Table) -> Table:
        where = f"{shard_folder(stage, key)}/made-{name}.parquet"
        path = Path(self.store.files.root, where)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, path, compression="zstd", write_page_checksum=True)
        with path.open("rb") as file:
            footer = footer_sha256(file)
        stored = StoredFile(
            name=f"{name}.parquet", path=where, size=path.stat().st_size, sha256="0" * 64
        )
        return Table(name=name, file=stored, footer=footer, rows=rows.num_rows, digests={})

    def version(
        self,
        stage: str,
        inputs: dict[str, ArtifactRef],
        config=None,
        columns=None,
        number=0,
        **counts,
    ) -> ArtifactRef:
        ref = ArtifactRef(
            stage=stage, key=hashlib.sha256(f"{stage} version {number}".encode()).hexdigest()
        )
        parts = {
            "format": 1,
            "stage": stage,
            "config": config or {},
            "packages": {"pyarrow": f"26.0.{number % 3}"},
            "extra": {"window": "2026-11-22T00:00:00Z"},
        }
        shards = self.shards.get(stage, ()) if stage != "model" else ()
        self.store.create_manifest(
            Manifest(
                ref=ref,
                exactness=Exactness.EXACT,
                parts=parts,
                inputs=inputs,
                shards=tuple(shards),
                digests={},
                columns=columns or {},
                **{"rows": {}} | counts,
            )
        )
        return ref


def filled(schema: pa.Schema, rows: int, **columns: pa.Array) -> pa.Table:
    """A table of which only some columns say anything."""
    return pa.table(
        [columns.get(f.name, pa.nulls(rows, f.type)) for f in schema],
        schema=pa.schema([f.with_nullable(True) for f in schema]),
    )


def make(folder: Path, facts: int) -> Made:
    """A store with about so many facts, and no version yet (tests/benchmarks/made_lines.py)."""
    made, random = Made(folder), np.random.default_rng(7)
    pages = int(facts / 2.6)  # facts of a page, on the average
    for start in range(0, pages, SHARD_DOCUMENTS):
        one_shard(made, random, start, min(SHARD_DOCUMENTS, pages - start), large=start < pages / 4)
    return made


def one_shard(made: Made, random, start: int, count: int, *, large: bool) -> None:
    """The shards of one name, of every stage."""
    name = f"shard-{start:09d}"
    numbers = np.arange(start, start + count)
    raw = random.bytes(16 * count)
    ids = pa.array([raw[i : i + 16] for i in range(0, len(raw), 16)], pa.binary(16))
    domain = random.integers(0, DOMAINS, count)
    hosts = [LARGE if large else f"site-{n}.example" for n in domain]
    urls = pa.array(
        [
            f"https://{h}/articles/{n % 97}/page-{n}.html"
            for h, n in zip(hosts, numbers, strict=True)
        ]
    )
    links = pa.array(
        [
            [f"https://elsewhere-{start}-{i % 2000}.example/"] if i % 10 == 0 else []
            for i in range(count)
        ],
        pa.list_(pa.string()),
    )
    window = pa.repeat("2026-11-22T00:00:00Z", count)
    where = np.arange(count)
    draw = random.random(count)
    short, alike = draw < 0.3, (draw >= 0.3) & (draw < 0.4)
    kept = np.flatnonzero(draw >= 0.4)
    made.shard(
        "pages",
        name,
        "pages",
        {"pages": filled(PAGES, count, doc_id=ids, url=urls, window=window, links=links)},
    )
    made.shard(
        "verdicts",
        name,
        "verdicts",
        {
            "verdicts": filled(
                VERDICTS,
                count,
                doc_id=ids,
                keep=pa.array(~short),
                rule=pa.array(["word_count" if s else None for s in short]),
            ),
            "ledger": ledger(ids, np.flatnonzero(short), "word_count"),
        },
    )
    made.shard(
        "clusters",
        name,
        "clusters",
        {
            "clusters": filled(CLUSTERS, count, doc_id=ids, keep=pa.array(~alike, mask=short)),
            "ledger": ledger(
                ids,
                np.flatnonzero(alike),
                "near",
                ids.take(pa.array(random.choice(kept, int(alike.sum())))),
            ),
        },
    )
    made.shard(
        "corpus",
        name,
        "corpus",
        {"corpus": pa.table([ids.take(pa.array(kept)), urls.take(pa.array(kept))], schema=CORPUS)},
    )
    pieces = np.sort(np.concatenate([where[: len(kept)], where[: len(kept) * 3 // 10]]))
    rows = np.arange(len(pieces)) // 2
    made.shard(
        "tokens",
        name,
        "documents",
        {
            "row_map": filled(
                ROW_MAP,
                len(pieces),
                doc_id=ids.take(pa.array(kept[pieces])),
                piece=pa.array(np.zeros(len(pieces), np.int32)),
                row=pa.array(rows.astype(np.int32)),
                start=pa.array(np.zeros(len(pieces), np.int32)),
                stop=pa.array(np.full(len(pieces), 64, np.int32)),
            ),
            "rows": pa.table({"used": pa.array(np.zeros(int(rows[-1]) + 1, np.int8))}),
        },
    )


def ledger(ids: pa.Array, which, rule: str, kept: pa.Array | None = None) -> pa.Table:
    columns = {
        "doc_id": ids.take(pa.array(which)),
        "outcome": pa.repeat("dropped", len(which)),
        "rule": pa.repeat(rule, len(which)),
    }
    return filled(
        LEDGER,
        len(which),
        **columns,
        **(
            {"kept": kept}
            if kept is not None
            else {
                "value": pa.array(which % 50 * 1.0),
                "threshold": pa.array(np.full(len(which), 50.0)),
            }
        ),
    )


def some_documents(made: Made) -> list[dict]:
    shard = made.shards["pages"][-1]
    receipt = made.store.receipt(shard)
    first = next(made.store.batches(receipt, "pages", ["doc_id", "url"])).to_pylist()
    receipt = made.store.receipt(made.shards["corpus"][-1])
    kept = next(made.store.batches(receipt, "corpus", ["doc_id", "url"])).to_pylist()[0]
    ids = {
        row["doc_id"]
        for batch in made.store.batches(receipt, "corpus", ["doc_id"])
        for row in batch.to_pylist()
    }
    return [kept | {"shard": shard.name}, next(row for row in first if row["doc_id"] not in ids)]
