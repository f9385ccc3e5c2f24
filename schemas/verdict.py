"""The columns of `verdicts`: what the policy says of every document."""

import pyarrow as pa

from schemas.column import column, doc_id

VERDICTS = pa.schema(
    [
        doc_id(),
        column("keep", pa.bool_(), "keep"),  # null: quarantined before
        column("rule", pa.string(), "reason"),  # the first rule that drops it, or null
        column("value", pa.float64(), "reason"),
        column("threshold", pa.float64(), "reason"),
        column("rules", pa.list_(pa.string()), "reason"),  # every rule that would drop it
    ]
)
