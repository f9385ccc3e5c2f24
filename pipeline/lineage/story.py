"""A document's story: from its URL to the models that saw it, or to the rule that dropped it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.ancestry import Ancestry, readers
from pipeline.lineage.chapters import Chapter, chapter
from pipeline.lineage.impact import Learnt, learnt
from pipeline.lineage.index.facts import GONE, number
from pipeline.lineage.index.index import Index
from pipeline.lineage.index.tally import Tally
from pipeline.lineage.ledger import TABLE
from pipeline.lineage.places import ROW_MAP, Place, by_ids, receipts_of
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest
from schemas.column import DOC_ID
from schemas.ledger import LEDGER
from schemas.record import Record

IN_CORPUS = "corpus"
_AFTER = ("tokens", "validation", "model", "scores")  # who leaves there stays in the corpus


class Departure(Record):
    """Where a document left, and why."""

    stage: str
    outcome: str  # dropped, quarantined
    rule: str
    value: float | None = None
    threshold: float | None = None
    kept: str | None = None  # doc_id of the document kept in its place
    kept_url: str | None = None
    detail: str | None = None


class Training(Record):
    """A model that learnt from a document."""

    model: ArtifactRef
    tokens: ArtifactRef
    rows: tuple[int, ...]  # of the document, counted over all shards
    of_rows: int


class Story(Record):
    """All that is known about one record of a document."""

    doc_id: str
    url: str
    window: str
    shard: str
    chapters: tuple[Chapter, ...]
    departures: tuple[Departure, ...]
    gone: str | None = None  # a later window found the address: gone, unlinked, refused
    models: tuple[Training, ...] = ()

    @property
    def left(self) -> Departure | None:
        """Where it left the corpus, or None where it is in it."""
        before = (each for each in self.departures if not each.stage.startswith(_AFTER))
        return next(before, None)

    @property
    def kept(self) -> bool:
        """Whether it is in the corpus."""
        return any(each.stage == IN_CORPUS for each in self.chapters)

    def chapter(self, stage: str) -> Chapter | None:
        """What a stage knows, or None."""
        return next((each for each in self.chapters if each.stage == stage), None)


def stories(
    store: Store, ancestry: Ancestry, places: Iterable[Place], *, index: Index | None = None
) -> list[Story]:
    """The stories of some records, in the order given.

    With the store's index nothing is read but the shards in which a record lies.
    """
    return [_story(store, ancestry, place, index) for place in places]


def departed(store: Store, ancestry: Ancestry, doc_id: bytes) -> list[Place]:
    """Where the ledgers know a document of which there is no page."""
    return [
        Place(shard, doc_id, "")
        for manifest in ancestry.versions.values()
        for shard, _ in _ledger_rows(store, manifest, doc_id, "")
    ]


def _story(store: Store, ancestry: Ancestry, place: Place, index: Index | None) -> Story:
    versions = ancestry.versions.values()
    facts = index.of_documents([place.doc_id]) if index else None
    models = trained_on(store, place)
    if index and facts is not None:
        models = (_training(each) for each in learnt(index, Tally.of(facts).packed()))
    chapters = (chapter(store, manifest, place) for manifest in versions)
    return Story(
        doc_id=place.doc_id.hex(),
        url=place.url,
        window=place.window,
        shard=place.shard,
        chapters=tuple(each for each in chapters if each is not None),
        departures=tuple(
            _departure(store, ancestry, manifest.stage, row, index)
            for manifest in versions
            for _, row in _ledger_rows(store, manifest, place.doc_id, place.shard)
        ),
        gone=_tombstone(store, ancestry, place, facts),
        models=tuple(models),
    )


def _training(found: Learnt) -> Training:
    rows = tuple(found.rows.tolist())
    return Training(model=found.model, tokens=found.tokens, rows=rows, of_rows=found.of_rows)


def trained_on(store: Store, place: Place) -> Iterable[Training]:
    """Every model in the store that learnt from a document, whatever recipe made it."""
    known: dict[str, tuple[tuple[int, ...], int]] = {}
    for model, tokens in readers(store, "model", "tokens"):
        if not store.intact(tokens):
            continue  # collected since, with the model
        if tokens.ref.key not in known:
            known[tokens.ref.key] = _rows_of(store, tokens, place.doc_id)
        rows, total = known[tokens.ref.key]
        if rows:
            yield Training(model=model.ref, tokens=tokens.ref, rows=rows, of_rows=total)


def _rows_of(store: Store, tokens: Manifest, doc_id: bytes) -> tuple[tuple[int, ...], int]:
    """The rows that hold a piece of a document, counted over all shards, and how many there are."""
    before, found = 0, []
    for _, receipt in receipts_of(store, tokens):
        for batch in store.batches(receipt, ROW_MAP, [DOC_ID, "row"]):
            here = batch["row"].filter(_is(batch, doc_id))
            found += [before + row for row in here.to_pylist()]
        rows = receipt.table("rows")
        before += rows.rows if rows else 0
    return tuple(sorted(set(found))), before


def _ledger_rows(
    store: Store, manifest: Manifest, doc_id: bytes, shard: str
) -> list[tuple[str, dict[str, object]]]:
    """(shard, row) of a document in a version's ledger: in a shard of that name, if it has one."""
    there = {each.name for each in manifest.shards}
    found = []
    for name, receipt in receipts_of(store, manifest, shard):
        if receipt.table(TABLE) and (name == shard or shard not in there):
            for batch in store.batches(receipt, TABLE, LEDGER.names):
                found += [(name, row) for row in batch.filter(_is(batch, doc_id)).to_pylist()]
    return found


def _departure(
    store: Store, ancestry: Ancestry, stage: str, row: dict[str, object], index: Index | None
) -> Departure:
    kept = row["kept"]
    url = None
    if isinstance(kept, bytes) and index:
        facts = index.of_documents([kept], ["url", "kind"])
        url = next((r["url"] for r in facts.to_pylist() if r["kind"] == "page"), None)
    elif isinstance(kept, bytes):
        places = by_ids(store, ancestry, {kept})
        url = places[0].url if places else None
    told = {name: row[name] for name in ("outcome", "rule", "value", "threshold", "detail")}
    kept_id = kept.hex() if isinstance(kept, bytes) else None
    return Departure.model_validate({"stage": stage, "kept": kept_id, "kept_url": url, **told})


def _tombstone(
    store: Store, ancestry: Ancestry, place: Place, facts: pa.Table | None
) -> str | None:
    """Why a later window found no page at the address."""
    pages = ancestry.get("pages")
    if pages is None:
        return None
    rows = _scanned_tombstones(store, pages, place) if facts is None else _tombstones(facts, pages)
    # A document that moved has a tombstone at its old address, of the window of its new record.
    here = ((window, why) for url, window, why in rows if url == place.url)
    return next((why for window, why in here if window >= place.window), None)


def _tombstones(facts: pa.Table, pages: Manifest) -> Iterator[tuple[str, str, str]]:
    """(URL, window, why) of the tombstones among some facts, as far as these pages hold them."""
    held = {number(shard.shard_key) for shard in pages.shards}
    for row in facts.filter(pc.equal(facts["kind"], GONE)).to_pylist():
        if row["shard"] in held:
            yield row["url"], row["window"], row["rule"]


def _scanned_tombstones(
    store: Store, pages: Manifest, place: Place
) -> Iterator[tuple[str, str, str]]:
    """The same, by reading all of them."""
    for _, receipt in receipts_of(store, pages):
        if receipt.table("tombstones"):
            for batch in store.batches(receipt, "tombstones", [DOC_ID, "url", "window", "why"]):
                for row in batch.filter(_is(batch, place.doc_id)).to_pylist():
                    yield row["url"], row["window"], row["why"]


def _is(batch: pa.RecordBatch, doc_id: bytes) -> pa.Array:
    return pc.equal(batch[DOC_ID], pa.scalar(doc_id, batch[DOC_ID].type))
