"""The columns of `tokens`: packed rows of one length, and the map of what lies where in them."""

import pyarrow as pa

from schemas.column import column, doc_id, ordered

# A row holds `context + 1` ids, since targets are shifted by one. Positions count: the order of
# rows is part of the digest.
ROWS = ordered(
    pa.schema(
        [
            column("ids", pa.list_(pa.uint32()), "rows", nullable=False),  # (context + 1,)
            column("starts", pa.list_(pa.int32()), "rows", nullable=False),  # first is 0
            column("used", pa.int32(), "rows", nullable=False),  # tokens; the rest is padding
        ]
    )
)

# One row a piece of a document; the pieces of a document, in order, are its whole encoding.
ROW_MAP = pa.schema(
    [
        doc_id(),
        column("piece", pa.int32(), "map", nullable=False),  # 0, 1, ... of this document
        column("row", pa.int32(), "map", nullable=False),
        column("start", pa.int32(), "map", nullable=False),
        column("stop", pa.int32(), "map", nullable=False),  # exclusive; the end token is counted
        column("text_bytes", pa.int32(), "map", nullable=False),  # UTF-8 bytes of the piece's text
        column("language", pa.string(), "map"),
    ]
)

# One row a document, free of layout.
TOKEN_COUNTS = pa.schema(
    [
        doc_id(),
        column("tokens", pa.int32(), "documents", nullable=False),  # without the end token
        column("ids_sha256", pa.binary(32), "documents", nullable=False),  # of uint32 little-endian
    ]
)
