"""What became of every address that a crawl met, as a table."""

from collections.abc import Mapping

import pyarrow as pa

from pipeline.crawl.frontier import Frontier
from pipeline.crawl.target import Outcome
from schemas.visit import VISITS


def account(visited: Mapping[str, Outcome], frontier: Frontier) -> pa.Table:
    """One row an address, in the order of addresses.

    Args:
        visited: what came of each visit.
        frontier: what still waits when the crawl ends, and what a limit left out.
    """
    met = dict(visited)
    for target in frontier.waiting():
        met[target.url] = Outcome(target, "budget", None)
    for target, limit in frontier.left_out.values():
        why, _, detail = limit.partition(": ")
        met.setdefault(target.url, Outcome(target, why, None, detail=detail))
    rows = [
        {
            "url": url,
            "outcome": met[url].why,
            "status": met[url].status,
            "detail": met[url].detail or None,
            "depth": met[url].target.depth,
            "via": met[url].target.via or None,
        }
        for url in sorted(met)
    ]
    return pa.Table.from_pylist(rows, schema=VISITS)
