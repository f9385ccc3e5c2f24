"""The fifth view: the largest clusters of documents that say the same."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.explore.errors import BadQuestion
from flows.explore.subject import Looked, address
from pipeline.lineage.index.facts import PAGE
from pipeline.store import Store
from schemas.artifact import ArtifactRef

_STAGE = "clusters"
_READ = ("doc_id", "keep", "reason", "similarity", "cluster", "size")
_MOST, _MOST_MEMBERS = 200, 500


def clusters(looked: Looked, of: str) -> dict[str, Any]:
    """The largest clusters, and how many there are of each size."""
    ref = looked.part(of, _STAGE).ref
    heads, sizes = _largest(looked.store, ref)
    urls = _urls(looked, [bytes.fromhex(head["kept"]) for head in heads if head["kept"]])
    rows = [head | address(urls.get(head["kept"], "")) for head in heads]
    return {"of": f"{ref.stage}@{ref.key}", "rows": rows, "sizes": sizes}


def members(looked: Looked, of: str, cluster: str) -> dict[str, Any]:
    """The documents of one cluster: the one that was kept first, then the most similar."""
    ref = looked.part(of, _STAGE).ref
    if len(cluster) != 32 or not set(cluster) <= set("0123456789abcdef"):
        raise BadQuestion("The cluster", cluster, known="32 hex digits")
    table = _table(looked.store, ref)
    here = pc.equal(table["cluster"], pa.scalar(bytes.fromhex(cluster), pa.binary(16)))
    found = table.filter(here).to_pylist()
    found.sort(key=lambda row: (not row["keep"], -(row["similarity"] or 0), row["doc_id"]))
    urls = _urls(looked, [row["doc_id"] for row in found[:_MOST_MEMBERS]])
    rows = [
        address(urls.get(row["doc_id"].hex(), ""))
        | {"doc": row["doc_id"].hex(), "kept": bool(row["keep"]), "reason": row["reason"]}
        | {"similarity": row["similarity"]}
        for row in found[:_MOST_MEMBERS]
    ]
    return {"cluster": cluster, "size": len(found), "rows": rows}


@lru_cache(maxsize=4)
def _table(store: Store, ref: ArtifactRef) -> pa.Table:
    """The rows of clusters with more than one document."""
    table = store.read(store.open(ref), _STAGE, _READ)
    return table.filter(pc.greater(table["size"], 1).combine_chunks().fill_null(False))


@lru_cache(maxsize=16)
def _largest(store: Store, ref: ArtifactRef) -> tuple[list[dict[str, Any]], list[list[int]]]:
    table = _table(store, ref)
    heads = table.filter(pc.equal(table["keep"], True))
    order = pc.sort_indices(heads, [("size", "descending"), ("cluster", "ascending")])
    rows = heads.take(order[:_MOST]).to_pylist()
    sizes = pc.value_counts(heads["size"].combine_chunks()).to_pylist()
    told = [
        {"cluster": row["cluster"].hex(), "size": row["size"], "kept": row["doc_id"].hex()}
        for row in rows
    ]
    return told, sorted([one["values"], one["counts"]] for one in sizes)


def _urls(looked: Looked, doc_ids: Collection[bytes]) -> dict[str, str]:
    """doc_id in hex -> its address."""
    facts = looked.index().of_documents(doc_ids, ["doc_id", "url", "kind"])
    pages = facts.filter(pc.equal(facts["kind"], PAGE)).to_pylist()
    return {row["doc_id"].hex(): row["url"] or "" for row in pages}
