"""What became of every address that a crawl met, in one window.

It lies beside a version of `pages` and is part of no digest: a site that answers otherwise today
makes no other documents of the pages that are there.
"""

import pyarrow as pa

VISITS = pa.schema(
    [
        pa.field("url", pa.string(), nullable=False),  # canonical; rows lie in this order
        pa.field("outcome", pa.string(), nullable=False),  # one of OUTCOMES
        pa.field("status", pa.int16()),  # HTTP, where there was an answer
        pa.field("detail", pa.string()),  # where a redirect leads, what an error says
        pa.field("depth", pa.int32(), nullable=False),  # links from a seed
        pa.field("via", pa.string()),  # the page or sitemap that led there; null: a seed
    ]
)

OUTCOMES = {
    "kept": "its page was fetched and stored",
    "not_modified": "its page is the one that was there",
    "redirected": "it leads elsewhere",
    "gone": "the site says that there is nothing",
    "status": "the site answers with an error",
    "robots": "robots.txt disallows it",
    "robots_unavailable": "robots.txt could not be had, so nobody may ask",
    "noindex": "the page asks not to be kept",
    "opted_out": "the site reserves its pages against such use",
    "not_a_page": "what is there is no text",
    "too_large": "it is larger than a page may be",
    "coding": "its body cannot be decoded",
    "network": "the connection failed",
    "timeout": "the answer took too long",
    "address": "its host is at an address that no crawl may reach",
    "host_rests": "its host failed too often in a row",
    "too_deep": "it is too many links from a seed",
    "hops": "it is at the end of too many redirects",
    "trap": "its address looks like one of endlessly many",
    "budget": "the crawl's budget was used up before its turn",
    "sitemap": "it is a sitemap",
}
