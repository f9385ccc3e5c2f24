"""The index of fetched pages, and the tombstones of those that are gone."""

import pyarrow as pa

from schemas.column import column, doc_id

# One row a page. The payload lies in a WARC file of the same shard: `warc_file` names it,
# `warc_offset` and `warc_length` bound the record in it. Sources of text fill `text` instead.
PAGES = pa.schema(
    [
        doc_id(),
        column("url", pa.string(), "place", nullable=False),  # canonical; files: file URI + #row
        column("source", pa.string(), "place", nullable=False),  # "web", "warc", "wikipedia", ...
        column("window", pa.string(), "window", nullable=False),  # 2026-11-22T01:00:00Z
        column("payload_sha256", pa.binary(32), "payload", nullable=False),
        column("content_type", pa.string(), "payload"),  # as the server said, charset included
        column("text", pa.large_string(), "payload"),  # sources that hold text, not HTML
        column("title", pa.string(), "payload"),  # sources that hold text, not HTML
        column("warc_file", pa.string(), None),
        column("warc_offset", pa.int64(), None),  # bytes
        column("warc_length", pa.int64(), None),  # bytes, compressed
        column("warc_record_id", pa.string(), None),
        column("fetched", pa.timestamp("ms", tz="UTC"), None),
        column("status", pa.int16(), None),  # HTTP
        column("etag", pa.string(), None),  # wikis: the revision's id
        column("last_modified", pa.string(), None),  # as the server said; wikis: ISO 8601
        column("links", pa.list_(pa.string()), None),  # canonical URLs, in page order
        # What the site said of the page's use when it was fetched, see pipeline/crawl/rights.py;
        # null: nothing. Pages of older windows have none of these columns.
        column("noai", pa.bool_(), None),
        column("noimageai", pa.bool_(), None),
        column("tdm_reservation", pa.bool_(), None),
        column("tdm_policy", pa.string(), None),
        column("content_signal", pa.string(), None),  # ai-train=no,search=yes
        column("license", pa.string(), None),  # an address
    ]
)

# Pages that an earlier window had and that this window found gone.
TOMBSTONES = pa.schema(
    [
        doc_id(),  # of the record that is gone
        column("url", pa.string(), "tombstone", nullable=False),
        column("window", pa.string(), "tombstone", nullable=False),
        column("why", pa.string(), "tombstone", nullable=False),  # "gone", "unlinked", "refused"
    ]
)
