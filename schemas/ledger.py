"""The ledger: one row for every document that left the corpus, where it left."""

import pyarrow as pa

from schemas.column import column, doc_id

DROPPED = "dropped"
QUARANTINED = "quarantined"

LEDGER = pa.schema(
    [
        doc_id(),
        column("outcome", pa.string(), "ledger", nullable=False),  # dropped, quarantined
        column("rule", pa.string(), "ledger", nullable=False),  # a rule's, limit's or error's slug
        column("value", pa.float64(), "ledger"),
        column("threshold", pa.float64(), "ledger"),
        column("kept", pa.binary(16), "ledger"),  # the document kept in its place
        column("detail", pa.string(), None),  # a sentence; never text of the document
    ]
)
