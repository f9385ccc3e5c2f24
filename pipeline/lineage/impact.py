"""What an address, a domain or a version reaches: documents, shards, versions, names, models."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.descent import below, in_order
from pipeline.lineage.errors import UnknownAddress
from pipeline.lineage.index.facts import GONE, LINKED, PAGE, TAKEN_DOWN, number
from pipeline.lineage.index.index import Index
from pipeline.lineage.index.tally import COLUMNS, Packed, Rows, Tally
from pipeline.sites import Subject
from schemas.artifact import ArtifactRef

NEVER = (GONE, LINKED, TAKEN_DOWN)  # no document: an address that is no more, or was only linked to


class Holder(NamedTuple):
    """A version that holds something of it."""

    ref: ArtifactRef
    names: tuple[str, ...]
    shards: int  # that hold something of it
    of_shards: int


class Learnt(NamedTuple):
    """A model that learnt from it."""

    model: ArtifactRef
    tokens: ArtifactRef
    rows: Rows  # counted over all shards of the tokens
    of_rows: int


class Impact(NamedTuple):
    """All of it, as far as the data is still there."""

    subject: str
    documents: int
    records: dict[str, int]  # kind of fact -> documents
    shards: dict[str, tuple[int, ...]]  # stage -> shards that hold something of it
    size: int  # bytes of those shards
    versions: tuple[Holder, ...]  # inputs before what reads them
    descendants: tuple[ArtifactRef, ...]  # made of those versions, and hold no document
    models: tuple[Learnt, ...]


def impact(index: Index, subject: Subject) -> Impact:
    """What an address or a domain reaches.

    Raises:
        UnknownAddress: nothing in the store is of it.
    """
    tally = Tally(aside=NEVER)
    for piece in index.pieces_of_subject(subject, COLUMNS):
        tally.add(piece)
    if not tally.facts:
        raise UnknownAddress(subject.text, where=index.store.uri)
    return _impact(index, subject.text, tally)


def impact_of_version(index: Index, ref: ArtifactRef) -> Impact:
    """What stands on a version: its own shards, and every version that shares one or reads it."""
    manifest = index.store.open(ref)
    shards = {number(shard.shard_key): shard for shard in manifest.shards}
    held = [shard for shard in shards if index.receipt(shard)]
    children = below(index.versions, [ref])
    counts = Counter(each.version for each in index.holders(held))
    rows = {name: count for name, count in manifest.rows.items() if name != "ledger"}
    mine = {ref, *(child for child in children if child in counts)}
    models = tuple(
        Learnt(child, index.versions[child].inputs["tokens"], np.arange(0), 0)
        for child in in_order(index.versions, children)
        if child.stage == "model" and "tokens" in index.versions[child].inputs
    )
    return Impact(
        subject=str(ref),
        documents=manifest.account.kept.count
        if manifest.account
        else max(rows.values(), default=0),
        records=dict(sorted(rows.items())),
        shards={manifest.stage: tuple(held)} if held else {},
        size=_size(index, held),
        versions=_holders(index, {each: counts[each] for each in mine}),
        descendants=tuple(in_order(index.versions, children - mine)),
        models=models,
    )


def _impact(index: Index, text: str, tally: Tally) -> Impact:
    every = {*tally.shards(), *(s for s in index.alike(tally.shards(PAGE)) if index.receipt(s))}
    shards: dict[str, list[int]] = {}
    for shard in sorted(every):
        receipt = index.receipt(shard)
        if receipt:
            shards.setdefault(receipt.stage, []).append(shard)
    counts = Counter(each.version for each in index.holders(every))
    holders = _holders(index, counts)
    others = below(index.versions, counts) - counts.keys()
    return Impact(
        subject=text,
        documents=tally.documents(),
        records=tally.records(),
        shards={stage: tuple(found) for stage, found in sorted(shards.items())},
        size=_size(index, every),
        versions=holders,
        descendants=tuple(ref for ref in in_order(index.versions, others)),
        models=tuple(learnt(index, tally.packed())),
    )


def learnt(index: Index, packed: Packed) -> list[Learnt]:
    """Every model that was trained on some rows of tokens."""
    holding = {each.version for each in index.holders(packed.known.tolist())}
    places: dict[ArtifactRef, tuple[Rows, int]] = {}
    found = []
    for ref, version in index.versions.items():
        tokens = version.inputs.get("tokens")
        if ref.stage == "model" and tokens in holding and tokens:
            if tokens not in places:
                places[tokens] = _rows_of(index, tokens, packed)
            found.append(Learnt(ref, tokens, *places[tokens]))
    return found


def _rows_of(index: Index, tokens: ArtifactRef, packed: Packed) -> tuple[Rows, int]:
    """Rows of a version of tokens, counted over all its shards, and how many rows it has."""
    before, starts = 0, {}
    for shard in index.store.open(tokens).shards:
        starts[number(shard.shard_key)] = before
        before += index.token_rows.get(number(shard.shard_key), 0)
    offsets = np.array([starts.get(shard, -1) for shard in packed.known.tolist()], np.int64)
    offset = offsets[packed.places]
    return np.sort((offset + packed.rows)[offset >= 0]), before


def _holders(index: Index, counts: dict[ArtifactRef, int]) -> tuple[Holder, ...]:
    return tuple(
        Holder(ref, index.names.get(ref, ()), counts[ref], index.versions[ref].shards)
        for ref in in_order(index.versions, counts)
    )


def _size(index: Index, shards: list[int] | set[int]) -> int:
    rows = index.shards
    wanted = pa.array(sorted(shards), pa.uint64())
    return pc.sum(rows.filter(pc.is_in(rows["shard"], value_set=wanted))["size"]).as_py() or 0
