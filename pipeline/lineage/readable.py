"""Documents as people may read them: title and text without private data, a pass over a shard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.aligned import Rows, aligned
from pipeline.lineage.ancestry import Ancestry, readers
from pipeline.redact import redact
from pipeline.store import Store
from schemas.artifact import Manifest

PRIVATE = "signals.private_data"
COLUMNS = {"documents": ("url", "title", "text"), PRIVATE: ("spans", "title_spans")}


class Readable(NamedTuple):
    """A document to show."""

    url: str
    title: str | None  # redacted
    text: str | None  # redacted; None where there is none, or nobody knows what is private in it


Wanted = Mapping[str, Collection[bytes]]  # shard -> doc_ids


def readable(store: Store, versions: Ancestry, wanted: Wanted) -> dict[tuple[str, bytes], Readable]:
    """(shard, doc_id) -> the document, whether it is in the corpus or not.

    Each shard is read once, no further than its last document that is wanted. Where nobody has
    measured what is private in the documents, only addresses come.
    """
    documents = versions.get("documents")
    if documents is None or not any(wanted.values()):
        return {}
    there: dict[str, Manifest] = {"documents": documents}
    columns: dict[str, tuple[str, ...]] = {"documents": ("url",)}
    private = versions.get(PRIVATE) or _measured(store, documents)
    if private is not None:
        there[PRIVATE] = private
        columns = {"documents": COLUMNS["documents"], PRIVATE: spans_of(private)}
    found: dict[tuple[str, bytes], Readable] = {}
    for shard, doc_ids in wanted.items():
        left = set(doc_ids)
        if not left:
            continue
        ids = pa.array(sorted(left), pa.binary(16))
        for rows in aligned(store, there, columns, shards=(shard,)):
            for doc_id, each in redacted(rows.filter(pc.is_in(rows.doc_id, ids))):
                found[shard, doc_id] = each
                left.discard(doc_id)
            if not left:
                break
    return found


def redacted(rows: Rows) -> list[tuple[bytes, Readable]]:
    """Each doc_id with what may be shown of it.

    Args:
        rows: with `COLUMNS`; of those that hold spans, all or none.
    """
    shown: list[list[str | None]] = [rows.columns["documents.url"].to_pylist()]
    for name, measured in (("title", "title_spans"), ("text", "spans")):
        spans = rows.columns.get(f"{PRIVATE}.{measured}")
        if spans is None:
            shown.append([None] * len(rows.doc_id))
        else:
            shown.append(redact(rows.columns[f"documents.{name}"], spans).to_pylist())
    return [
        (doc_id, Readable(url or "", title, text))
        for doc_id, url, title, text in zip(rows.doc_id.to_pylist(), *shown, strict=True)
    ]


def spans_of(private: Manifest) -> tuple[str, ...]:
    """The columns that say where private data is; older versions know of texts alone."""
    return tuple(name for name in COLUMNS[PRIVATE] if f"signals.{name}" in private.columns)


def _measured(store: Store, documents: Manifest) -> Manifest | None:
    """Where private data lies in these documents, though what is shown does not stand on it."""
    found = (one for one, read in readers(store, PRIVATE, "documents") if read.ref == documents.ref)
    return next(found, None)
