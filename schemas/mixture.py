"""The columns of `mixture`: which of the unique documents stay, so that small languages count."""

import pyarrow as pa

from schemas.column import column, doc_id

MIXTURE = pa.schema(
    [
        doc_id(),
        column("keep", pa.bool_(), "keep"),  # null: it left before
        column("source", pa.string(), "source"),  # the name in the recipe, a domain or a file
        column("rank", pa.float64(), "rank"),  # 0 to 1; of each group the lowest ranks stay
        column("source_share", pa.float64(), "shares"),  # of its source, that stays there
        column(
            "language_share", pa.float64(), "shares"
        ),  # of what the sources left of its language
    ]
)
