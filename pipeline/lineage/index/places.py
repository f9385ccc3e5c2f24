"""From facts to the places of records, as far as they are of versions that belong together."""

from __future__ import annotations

import pyarrow as pa

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.errors import NoPages
from pipeline.lineage.index.facts import PAGE, number
from pipeline.lineage.index.index import Index
from pipeline.lineage.places import Place


def places_of(index: Index, versions: Ancestry, facts: pa.Table) -> list[Place]:
    """The records that some facts speak of, the newest window first.

    Raises:
        NoPages: the versions do not go back to pages.
    """
    pages = versions.get("pages")
    if pages is None:
        raise NoPages(where=index.store.uri)
    names = {number(shard.shard_key): shard.name for shard in pages.shards}
    found = {
        Place(names[row["shard"]], row["doc_id"], row["url"], row["window"])
        for row in facts.to_pylist()
        if row["kind"] == PAGE and row["shard"] in names
    }
    inside = sorted(found, key=lambda place: (place.shard, place.doc_id))
    return sorted(inside, key=lambda place: place.window, reverse=True)
