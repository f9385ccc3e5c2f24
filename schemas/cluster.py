"""The columns of `clusters`: which of the documents that say the same stays."""

import pyarrow as pa

from schemas.column import column, doc_id

CLUSTERS = pa.schema(
    [
        doc_id(),
        column("keep", pa.bool_(), "keep"),  # null: quarantined, or dropped by a verdict
        column("reason", pa.string(), "reason"),  # exact, near, superseded, removed; null: kept
        column("kept", pa.binary(16), "reason"),  # the document kept in its place
        column("similarity", pa.float32(), "reason"),  # Jaccard, of the word n-grams
        column("cluster", pa.binary(16), "cluster"),  # the smallest doc_id in the cluster
        column("size", pa.int32(), "cluster"),  # documents in the cluster
    ]
)
