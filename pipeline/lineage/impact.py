"""What an address, a domain or a version reaches: documents, shards, versions, names, models."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.descent import below, in_order
from pipeline.lineage.errors import UnknownAddress
from pipeline.lineage.index.facts import GONE, LINKED, PACKED, PAGE, TAKEN_DOWN, number
from pipeline.lineage.index.index import Index
from pipeline.sites import Subject
from schemas.artifact import ArtifactRef
from schemas.column import DOC_ID

_COLUMNS = (DOC_ID, "kind", "shard", "row")
NEVER = (GONE, LINKED, TAKEN_DOWN)  # no document: an address that is no more, or was only linked to
Rows = npt.NDArray[np.int64]


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
    facts = index.of_subject(subject, _COLUMNS)
    if not facts.num_rows:
        raise UnknownAddress(subject.text, where=index.store.uri)
    if set(pc.unique(facts["kind"]).to_pylist()) & set(NEVER):
        never = pc.is_in(facts["kind"], value_set=pa.array(NEVER))
        facts = facts.filter(pc.invert(never))
    return _impact(index, subject.text, facts)


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


def _impact(index: Index, text: str, facts: pa.Table) -> Impact:
    kinds = facts["kind"].combine_chunks().dictionary_encode()
    codes, ids = kinds.indices.to_numpy(), _halves(facts[DOC_ID])
    records = {
        kind: _distinct(ids[codes == n]) for n, kind in enumerate(kinds.dictionary.to_pylist())
    }
    named = pc.unique(facts["shard"]).to_pylist()
    paged = pc.unique(facts.filter(pc.equal(facts["kind"], PAGE))["shard"]).to_pylist()
    every = {*named, *(shard for shard in index.alike(paged) if index.receipt(shard))}
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
        documents=_distinct(ids),
        records=dict(sorted(records.items())),
        shards={stage: tuple(found) for stage, found in sorted(shards.items())},
        size=_size(index, every),
        versions=holders,
        descendants=tuple(ref for ref in in_order(index.versions, others)),
        models=tuple(learnt(index, facts)),
    )


def learnt(index: Index, facts: pa.Table) -> list[Learnt]:
    """Every model that was trained on rows in which some facts' documents lie."""
    packed = facts.filter(pc.equal(facts["kind"], PACKED))
    here = packed.group_by(["shard", "row"]).aggregate([])
    shards, rows = here["shard"].to_numpy(), here["row"].to_numpy().astype(np.int64)
    holding = {each.version for each in index.holders(pc.unique(here["shard"]).to_pylist())}
    found = []
    for ref, version in index.versions.items():
        tokens = version.inputs.get("tokens")
        if ref.stage == "model" and tokens in holding and tokens:
            before, starts = 0, {}
            for shard in index.store.open(tokens).shards:
                starts[number(shard.shard_key)] = before
                before += index.token_rows.get(number(shard.shard_key), 0)
            known = np.array(sorted(starts), np.uint64)
            offsets = np.array([starts[int(each)] for each in known], np.int64)
            mine = np.isin(shards, known)
            places = np.searchsorted(known, shards[mine])
            where = np.sort(offsets[places] + rows[mine])
            found.append(Learnt(ref, tokens, where, before))
    return found


def _holders(index: Index, counts: dict[ArtifactRef, int]) -> tuple[Holder, ...]:
    return tuple(
        Holder(ref, index.names.get(ref, ()), counts[ref], index.versions[ref].shards)
        for ref in in_order(index.versions, counts)
    )


def _halves(doc_ids: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """The first 64 bits of each id: as good as all, to count them, and much faster."""
    halves = [
        np.frombuffer(chunk.buffers()[1], np.uint64)[2 * chunk.offset :][: 2 * len(chunk) : 2]
        for chunk in doc_ids.chunks
    ]
    return np.concatenate([np.empty(0, np.uint64), *halves])


def _distinct(values: npt.NDArray[np.uint64]) -> int:
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(len(ordered))


def _size(index: Index, shards: list[int] | set[int]) -> int:
    rows = index.shards
    wanted = pa.array(sorted(shards), pa.uint64())
    return pc.sum(rows.filter(pc.is_in(rows["shard"], value_set=wanted))["size"]).as_py() or 0
