"""What the earlier windows found: the newest record of every address that still had a page."""

from sys import intern

from pipeline.crawl.source import Known
from pipeline.work import Work

ROLE = "earlier"
COLUMNS = ("doc_id", "url", "window", "etag", "last_modified", "links")


def read_earlier(work: Work) -> dict[str, Known]:
    """Canonical URL -> what the newest window had there, unless it was found gone since."""
    if not work.shards(ROLE):
        return {}
    newest: dict[str, Known] = {}
    for batch in work.batches(ROLE, "pages", COLUMNS):
        for row in batch.to_pylist():  # links are the same few addresses, again and again: shared
            known = newest.get(row["url"])
            if known is None or known.window < row["window"]:
                newest[row["url"]] = Known(
                    row["doc_id"],
                    row["window"],
                    row["etag"],
                    row["last_modified"],
                    tuple(map(intern, row["links"] or ())),
                )
    for batch in work.batches(ROLE, "tombstones", ("url", "window")):
        for row in batch.to_pylist():
            known = newest.get(row["url"])
            if known and known.window <= row["window"]:
                del newest[row["url"]]
    return newest
