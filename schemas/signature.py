"""The columns of `signatures`: what near-duplicate search sees of a kept document."""

import pyarrow as pa

from schemas.column import column, doc_id

SIGNATURES = pa.schema(
    [
        doc_id(),
        column("text_sha256", pa.binary(32), "exact"),  # of the redacted text; null: not kept
        column("letters", pa.int32(), "exact"),  # characters of the redacted text
        column("shingles", pa.int32(), "minhash"),  # distinct word n-grams
        # (bands x rows) uint32 as bytes, the lowest first; null: not kept
        column("minhash", pa.binary(), "minhash"),
        # (bands,) uint64 in the same way: texts whose values agree in a band have one key there
        column("bands", pa.binary(), "minhash"),
    ]
)
