"""What each stage knows about one document, in plain values."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, JsonValue

from pipeline.lineage.places import ROW_MAP, Place, receipts_of, row_of
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest
from schemas.column import DOC_ID, group_of
from schemas.document import DOCUMENTS
from schemas.page import PAGES
from schemas.record import Record

_VOLATILE = {  # what no version depends on, and people ask about
    stage: tuple(f.name for f in schema if f.name != DOC_ID and group_of(f) is None)
    for stage, schema in (("pages", PAGES), ("documents", DOCUMENTS))
}
_UNTOLD = ("measured", "links", "minhash", "bands")  # signs that a row is there, and long lists


class Chapter(Record):
    """What one stage wrote down about a document, and where."""

    stage: str
    ref: ArtifactRef
    shard: str
    row: int | None = None  # in the stage's table; None where it lies in several
    facts: dict[str, JsonValue] = Field(default_factory=dict)


def chapter(store: Store, manifest: Manifest, place: Place) -> Chapter | None:
    """What a version says of a document, or None where it says nothing."""
    if f"{ROW_MAP}.{DOC_ID}" in manifest.columns:
        return _packed(store, manifest, place)
    table = _main_table(store, manifest)
    if table is None:
        return None
    found = row_of(store, manifest, table, _columns(manifest, table), place)
    if found is None:
        return None
    facts = {name: plain(name, value) for name, value in found.values.items() if name != DOC_ID}
    text = facts.pop("text", None)
    if isinstance(text, str):
        facts["characters"] = len(text)
    kept = {n: value for n, value in facts.items() if n not in _UNTOLD and value is not None}
    if not kept:
        return None  # the row of a document that left before
    return Chapter(
        stage=manifest.stage, ref=manifest.ref, shard=found.shard, row=found.row, facts=kept
    )


def _packed(store: Store, manifest: Manifest, place: Place) -> Chapter | None:
    """Where a document's tokens lie: its pieces, each [row, start, stop)."""
    columns = [DOC_ID, "piece", "row", "start", "stop"]
    for shard, receipt in receipts_of(store, manifest, place.shard):
        pieces: list[JsonValue] = []
        for batch in store.batches(receipt, ROW_MAP, columns):
            here = pc.equal(batch[DOC_ID], pa.scalar(place.doc_id, batch[DOC_ID].type))
            rows = sorted(batch.filter(here).to_pylist(), key=lambda row: int(row["piece"]))
            pieces += [{name: row[name] for name in ("row", "start", "stop")} for row in rows]
        if pieces:
            facts: dict[str, JsonValue] = {"tokens": _tokens(pieces), "pieces": pieces}
            return Chapter(stage=manifest.stage, ref=manifest.ref, shard=shard, facts=facts)
    return None


def _tokens(pieces: list[Any]) -> int:
    return sum(piece["stop"] - piece["start"] for piece in pieces)


def _main_table(store: Store, manifest: Manifest) -> str | None:
    for _, receipt in receipts_of(store, manifest):
        return receipt.main
    return None


def _columns(manifest: Manifest, table: str) -> list[str]:
    named = [name.partition(".") for name in manifest.columns]
    grouped = [column for owner, _, column in named if owner == table and column != DOC_ID]
    return [*grouped, *_VOLATILE.get(manifest.stage, ())]


def plain(name: str, value: Any) -> JsonValue:
    """A value as JSON has it; of private data only how much there is of each kind."""
    if name == "spans":
        return dict(Counter(span["kind"] for span in value or ()))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [plain("", each) for each in value]
    if isinstance(value, dict):
        return {key: plain(key, each) for key, each in value.items()}
    result: JsonValue = value
    return result
