"""The columns of `documents`: the text of every page, with the same rows as its shard of pages."""

import pyarrow as pa

from schemas.column import column, doc_id

DOCUMENTS = pa.schema(
    [
        doc_id(),
        column("url", pa.string(), "place", nullable=False),
        column("title", pa.string(), "title"),
        column("declared_language", pa.string(), "declared"),  # <html lang>, lower case, "zh-cn"
        column("text", pa.large_string(), "text"),  # null: quarantined; Unicode NFC, "\n" lines
        column("encoding", pa.string(), None),  # the encoding that the bytes were read in
        column("extractor", pa.string(), None),
        column("repaired", pa.bool_(), None),  # mojibake was found and undone
        column("warc_file", pa.string(), None),
        column("warc_offset", pa.int64(), None),
    ]
)
