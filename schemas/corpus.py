"""The columns of `corpus`: the clean, unique, redacted text; and of the pinned validation set."""

import pyarrow as pa

from schemas.column import column, doc_id

CORPUS = pa.schema(
    [
        doc_id(),
        column("url", pa.string(), "place", nullable=False),
        column("title", pa.string(), "place"),
        column("language", pa.string(), "language"),  # BCP 47, or null: unknown
        column("text", pa.large_string(), "text", nullable=False),
        column("split", pa.string(), "split", nullable=False),  # train, validation
        column("split_group", pa.string(), "split", nullable=False),
        column("cluster_size", pa.int32(), "cluster"),
    ]
)

# What scores are measured on. Made once and pinned: a refresh keeps it, so that scores compare.
VALIDATION = pa.schema(
    [
        doc_id(),
        column("url", pa.string(), "place", nullable=False),
        column("language", pa.string(), "language"),
        column("text", pa.large_string(), "text", nullable=False),
        column("nearest", pa.float32(), "leak"),  # similarity of the nearest training document
    ]
)
