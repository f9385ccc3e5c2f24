"""The largest clusters of documents that say the same, with some of their members."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from flows.private_text import redacted
from flows.report.figures import Cluster, Member
from flows.report.reasons import CHARACTERS, Shown
from pipeline.lineage.aligned import aligned
from pipeline.lineage.ancestry import Ancestry
from pipeline.store import Store

_MEMBERS = 4  # of a cluster that are shown
_OF_HEADS = {"clusters": ("keep", "size", "cluster")}
_OF_MEMBERS = {"clusters": ("keep", "similarity", "cluster"), "documents": ("url",)}

Past = Mapping[str, pa.Array]


class Head(NamedTuple):
    """The document of a cluster that stays."""

    size: int
    doc_id: bytes
    shard: str
    cluster: bytes


def largest(store: Store, versions: Ancestry, count: int, past: Past) -> list[Head]:
    """The heads of the largest clusters, the largest first."""
    heads: list[Head] = []
    for rows in aligned(store, versions.versions, _OF_HEADS, past=past):
        keep, size = rows.columns["clusters.keep"], rows.columns["clusters.size"]
        here = rows.filter(pc.and_(keep, pc.greater(size, 1)).fill_null(False))
        told = (here.columns[f"clusters.{name}"].to_pylist() for name in ("size", "cluster"))
        for doc_id, number, cluster in zip(here.doc_id.to_pylist(), *told, strict=True):
            head = Head(number, doc_id, rows.shard, cluster)
            if len(heads) < count:
                heapq.heappush(heads, head)
            elif heads and head > heads[0]:
                heapq.heapreplace(heads, head)
    return sorted(heads, key=lambda head: (-head.size, head.doc_id))


def clusters(
    store: Store, versions: Ancestry, heads: Sequence[Head], past: Past, shown: Shown
) -> tuple[Cluster, ...]:
    """The clusters of these heads: their texts, and the addresses of some that left for them."""
    if not heads:
        return ()
    members = _members(store, versions, heads, past)
    found = []
    for head in heads:
        each = shown[head.shard, head.doc_id]
        found.append(
            Cluster(
                size=head.size,
                url=redacted(each.url),
                title=each.title,
                text=each.text[:CHARACTERS] if each.text else each.text,
                members=tuple(members[head.cluster]),
            )
        )
    return tuple(found)


def _members(
    store: Store, versions: Ancestry, heads: Sequence[Head], past: Past
) -> dict[bytes, list[Member]]:
    """Cluster -> the first few of its members by doc_id; similarity 1 where texts are equal."""
    few: dict[bytes, list[tuple[bytes, Member]]] = {head.cluster: [] for head in heads}
    wanted = pa.array(sorted(few), pa.binary(16))
    for rows in aligned(store, versions.versions, _OF_MEMBERS, past=past):
        left = pc.invert(rows.columns["clusters.keep"]).fill_null(False)
        here = rows.filter(pc.and_(left, pc.is_in(rows.columns["clusters.cluster"], wanted)))
        names = ("clusters.cluster", "documents.url", "clusters.similarity")
        told = (here.columns[name].to_pylist() for name in names)
        for doc_id, cluster, url, similarity in zip(here.doc_id.to_pylist(), *told, strict=True):
            those = few[cluster]
            those.append((doc_id, Member(url=url or "", similarity=similarity)))
            those.sort(key=lambda pair: pair[0])
            del those[_MEMBERS:]
    return {
        cluster: [each.model_copy(update={"url": redacted(each.url)}) for _, each in those]
        for cluster, those in few.items()
    }
