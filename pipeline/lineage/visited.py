"""What a crawl's account says of an address, in a sentence, and what would change it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.storage.notes import read_note
from pipeline.store import Store
from pipeline.versions.canonical import canonical_json
from schemas.artifact import Manifest

_AGAIN = "a better answer of the site at the next refresh"
_SITE = "the site's owner allowing it, before the next refresh"
# Outcome -> what is said of the address, and what would change it. {status} and {detail} are the
# visit's, {depth} is the number of links from a seed, {via} the page that leads there.
_SAID = {
    "redirected": ("it leads elsewhere: {detail}", "nothing here: ask about {detail}"),
    "gone": ("the site answered {status}: there is no page", "the site putting a page there"),
    "status": ("the site answered with the error {status}", _AGAIN),
    "robots": ("the site's robots.txt disallows it", _SITE),
    "robots_unavailable": (
        "the site's robots.txt could not be had ({detail}), so its pages were left alone",
        "the site answering for /robots.txt at the next refresh, be it with 404",
    ),
    "noindex": ("the page asks not to be kept (noindex)", _SITE),
    "opted_out": ("the site reserves it against this use ({detail})", _SITE),
    "not_a_page": ("it holds no text ({detail})", "another kind of document there"),
    "too_large": ("it was not read: {detail}", "a larger `most_bytes` in [pages.source]"),
    "coding": ("its body could not be decoded: {detail}", _AGAIN),
    "network": ("the connection failed: {detail}", _AGAIN),
    "timeout": ("the answer took too long", "more `seconds` in [pages.source], or " + _AGAIN),
    "address": ("it was not asked for: {detail}", "`loopback` or `networks` in [pages.source]"),
    "host_rests": ("its host failed too often in a row, and was left alone", _AGAIN),
    "too_deep": (
        "it is {depth} links from a seed, more than the crawl follows",
        "a larger `most_depth` in [pages.source], or its address among the seeds",
    ),
    "hops": ("it is at the end of too many redirects", "fewer redirects to it"),
    "trap": (
        "it was left out as one of endlessly many: {detail}",
        "other limits in [pages.source.traps], or its address among the seeds",
    ),
    "budget": (
        "the crawl's budget was used up before its turn",
        "a larger `most_pages`, `most_total_bytes` or `most_seconds` in [pages.source]",
    ),
    "sitemap": ("it is a sitemap, which is read for its links alone", "nothing: it is no page"),
}


class Visited(NamedTuple):
    """What became of an address in one window."""

    window: str
    outcome: str  # one of schemas/visit.py
    sentence: str  # without a capital and a full stop
    remedy: str
    via: str  # the page or sitemap that led there; "" for a seed


def visited(store: Store, pages: Manifest, url: str) -> Visited | None:
    """What became of an address when these pages, or a later window of them, were gathered.

    The newest window that met the address is told. None where none did, or where none of them
    was a crawl.
    """
    config = canonical_json(pages.parts["config"])
    windows = {
        str(each.parts.get("extra", {}).get("window", "")): each
        for each in store.manifests(pages.stage)
        if canonical_json(each.parts["config"]) == config
    }
    for window in sorted(windows, reverse=True):
        ref = windows[window].ref
        rows = read_note(store.files, ref.stage, ref.key, "visits", where=("url", url))
        if rows is not None and rows.num_rows:
            return _told(window, rows.to_pylist()[0])
    return None


def _told(window: str, row: dict[str, Any]) -> Visited:
    said = {name: "" if value is None else value for name, value in row.items()}
    sentence, remedy = _SAID.get(row["outcome"], ("its page is there", "a run of the recipe"))
    return Visited(
        window, row["outcome"], sentence.format(**said), remedy.format(**said), said["via"]
    )
