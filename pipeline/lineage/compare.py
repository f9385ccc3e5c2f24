"""Two versions of a corpus side by side: documents, drops by rule, and what the newer one cost."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import StoreError
from pipeline.lineage.ancestry import Ancestry, ancestry
from pipeline.lineage.ledger import ledger
from pipeline.lineage.living import Living
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID


class Difference(NamedTuple):
    """A document that is in one version and not in the other."""

    change: Literal["added", "changed", "gone"]
    url: str
    before: bytes | None  # doc_id
    after: bytes | None
    why: str = ""  # of one that is gone: the stage and rule that took it, if any did


class Drops(NamedTuple):
    """How many documents a rule took in each, without records that a newer one has replaced."""

    stage: str
    rule: str
    before: int
    after: int


class Cost(NamedTuple):
    """What the newer version of a stage took that the older one did not have."""

    stage: str
    before: str  # the older version's key, or "" where there is none
    after: str
    shards: int
    shards_made: int  # those that the older version lacks
    wall_seconds: float  # summed over those shards, whoever made them and in whichever run
    cpu_seconds: float


class Comparison(NamedTuple):
    """All of it."""

    before: Manifest
    after: Manifest
    documents: tuple[Difference, ...]
    unchanged: int
    drops: tuple[Drops, ...]
    costs: tuple[Cost, ...]

    def count(self, change: str) -> int:
        """How many documents were `added`, `changed` or are `gone`."""
        return sum(each.change == change for each in self.documents)


def compare(
    store: Store,
    before: Manifest,
    after: Manifest,
    *,
    lineage: tuple[Ancestry, Ancestry] | None = None,
) -> Comparison:
    """What became of the older version's documents in the newer one.

    Args:
        store: where both are.
        before: the older version, of a stage whose main table has `doc_id` and `url`.
        after: the newer one, of the same stage.
        lineage: what each stands on, where a run knows that better than the manifests; what was
            made of them may be there too, and its cost is then told.

    Raises:
        StoreError: the versions cannot be compared document by document.
    """
    if before.stage != after.stage:
        msg = f"{before.ref} and {after.ref} are of different stages: compare two of one stage."
        raise StoreError(msg)
    old_line, new_line = lineage or (ancestry(store, before), ancestry(store, after))
    old, new = _documents(store, before), _documents(store, after)
    documents = _differences(old, new, store, new_line)
    return Comparison(
        before=before,
        after=after,
        documents=documents,
        unchanged=pc.sum(pc.is_in(new[DOC_ID], value_set=_ids(old))).as_py() or 0,
        drops=_drops(store, old_line.upto(before.stage), new_line.upto(after.stage)),
        costs=tuple(costs(store, old_line, new_line)),
    )


def costs(store: Store, before: Ancestry | None, after: Ancestry) -> list[Cost]:
    """What each stage of a version took, beyond what another version had: all, without one."""
    found = []
    for stage, manifest in after.versions.items():
        old = before.get(stage) if before else None
        have = {shard.shard_key for shard in old.shards} if old else set()
        made = [shard for shard in manifest.shards if shard.shard_key not in have]
        receipts = [store.find_receipt(shard.stage, shard.shard_key) for shard in made]
        there = [receipt for receipt in receipts if receipt is not None]
        found.append(
            Cost(
                stage,
                old.ref.key if old else "",
                manifest.ref.key,
                len(manifest.shards),
                len(made),
                sum(receipt.wall_seconds for receipt in there),
                sum(receipt.cpu_seconds for receipt in there),
            )
        )
    return found


def _documents(store: Store, manifest: Manifest) -> pa.Table:
    """doc_id and url of every document of a version."""
    tables = {name.partition(".")[0] for name in manifest.columns if name.endswith(".url")}
    table = manifest.stage if manifest.stage in tables else min(tables, default="")
    if not table:
        msg = (
            f"{manifest.ref} holds no URLs, so it cannot be compared document by document.\n"
            f"Compare `pages`, `documents` or `corpus`; `penstock why` compares how two versions "
            f"of any stage were asked for."
        )
        raise StoreError(msg)
    return store.read(manifest, table, [DOC_ID, "url"])


def _differences(
    old: pa.Table, new: pa.Table, store: Store, line: Ancestry
) -> tuple[Difference, ...]:
    left, came = _beside(old, new), _beside(new, old)
    reasons = _reasons(store, line, set(left.values())) if left else {}
    found = []
    for url in sorted(left.keys() | came.keys()):
        before, after = left.get(url), came.get(url)
        if before and after:
            found.append(Difference("changed", url, before, after))
        elif after:
            found.append(Difference("added", url, None, after))
        elif before:
            found.append(Difference("gone", url, before, None, reasons.get(before, "")))
    return tuple(found)


def _beside(these: pa.Table, others: pa.Table) -> dict[str, bytes]:
    """URL -> doc_id of the documents that only `these` have."""
    only = these.filter(pc.invert(pc.is_in(these[DOC_ID], value_set=_ids(others))))
    return dict(zip(only["url"].to_pylist(), only[DOC_ID].to_pylist(), strict=True))


def _ids(documents: pa.Table) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.binary(16)), *documents[DOC_ID].chunks])


def _reasons(store: Store, line: Ancestry, doc_ids: set[bytes]) -> dict[bytes, str]:
    """doc_id -> the stage and rule that took it, by the newer version's ledger."""
    rows = ledger(store, line)
    wanted = pa.array(sorted(doc_ids), pa.binary(16))
    found = rows.filter(pc.is_in(rows[DOC_ID], value_set=wanted)).to_pylist()
    return {row[DOC_ID]: f"{row['stage']}: {row['rule']}" for row in found}


def _drops(store: Store, before: Ancestry, after: Ancestry) -> tuple[Drops, ...]:
    """Of living documents; by stage in the newer version's order, then by rule."""
    old, new = (_dropped_by(store, line) for line in (before, after))
    stages = list(dict.fromkeys([*after.versions, *before.versions]))
    places = sorted(old.keys() | new.keys(), key=lambda place: (stages.index(place[0]), place[1]))
    return tuple(Drops(*place, old.get(place, 0), new.get(place, 0)) for place in places)


def _dropped_by(store: Store, line: Ancestry) -> dict[tuple[str, str], int]:
    living = Living(store, line.versions)
    return {(stage, rule): n for stage in line.versions for rule, n in living.drops(stage).items()}
