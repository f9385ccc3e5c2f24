"""Why an address is not in a corpus, in one sentence, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.index.facts import GONE, KEPT, LEFT, LINKED, PAGE, number
from pipeline.lineage.index.index import Index
from pipeline.lineage.visited import visited
from pipeline.sites import Subject
from pipeline.takedowns import Takedowns
from schemas.artifact import ArtifactRef, Manifest
from schemas.column import DOC_ID

Outside = Callable[[Manifest, str], str]  # pages, address -> which limit leaves it out, or ""
Row = dict[str, Any]
_GONE = {
    "gone": ("the site no longer had it", "the site bringing it back, before the next refresh"),
    "unlinked": (
        "no page led there any more",
        "a link or a sitemap that leads there, before the next refresh",
    ),
    "refused": (
        "the site asked crawlers not to take it (robots.txt or noindex)",
        "the site allowing it",
    ),
}


class WhyNot(NamedTuple):
    """The answer."""

    url: str
    reason: str  # a slug: in_corpus, taken_down, dropped, quarantined, duplicate, gone, ...
    sentence: str
    remedy: str  # what would change it; "" where nothing need


def why_not(
    index: Index, subject: Subject, versions: Ancestry, *, outside: Outside = lambda *_: ""
) -> WhyNot:
    """Why an address is not in the corpus of some versions that belong together.

    Args:
        index: of the store.
        subject: the address.
        versions: the corpus, and what it stands on.
        outside: which of a crawl's limits leaves an address out.
    """
    url = subject.url
    taken = Takedowns.of(index.store.files).covering(url)
    rows = index.of_subject(subject).to_pylist()
    held = {number(s.shard_key) for one in versions.versions.values() for s in one.shards}
    here = [row for row in rows if row["shard"] in held]
    if any(row["kind"] == KEPT and row["stage"] == "corpus" for row in here):
        return WhyNot(url, "in_corpus", "It is in the corpus.", "")
    if taken:
        said = f"It was taken down by {taken.who} on {taken.when[:10]}: {taken.why}."
        return WhyNot(url, "taken_down", said, "nothing: addresses that were taken down stay out")
    lost = [ref for ref in (one.ref for one in versions.versions.values()) if _lost(index, ref)]
    if lost and not here:
        said = f"Nobody can say: the data of {lost[0]} is no longer in the store."
        return WhyNot(url, "data_gone", said, "`penstock run` makes what is gone again")
    pages = [row for row in here if row["kind"] == PAGE]
    if pages:
        newest = max(pages, key=lambda row: (row["window"], row[DOC_ID]))
        return _left(index, url, newest, here, versions.get("pages"))
    return _never(index, url, rows, versions, outside)


def _visited(index: Index, url: str, pages: Manifest) -> WhyNot | None:
    """Of an address that a crawl met: what became of it there."""
    met = visited(index.store, pages, url)
    if met is None or met.outcome in ("kept", "not_modified"):
        return None
    led = f" {met.via} leads to it." if met.via else ""
    said = f"In window {met.window} {met.sentence}.{led}"
    return WhyNot(url, met.outcome, said, met.remedy)


def _lost(index: Index, ref: ArtifactRef) -> bool:
    return not index.store.intact(index.store.open(ref))


def _left(index: Index, url: str, page: Row, rows: list[Row], pages: Manifest | None) -> WhyNot:
    """Of an address with a page: where it left."""
    mine = [row for row in rows if row[DOC_ID] == page[DOC_ID] and row["kind"] in LEFT]
    left = min(mine, key=lambda row: _ORDER.get(row["stage"], len(_ORDER)), default=None)
    if left is None:
        said = "Its page is there, and the stages that decide have not been made yet."
        return WhyNot(url, "undecided", said, "a run of the recipe")
    if left["kind"] == "quarantined":
        said = f"Its page broke the parser and was quarantined at {left['stage']}: {left['rule']}."
        return WhyNot(url, "quarantined", said, "a page within the limits of [documents]")
    if left["rule"] == "removed":
        gone = max((r for r in rows if r["kind"] == GONE), key=lambda r: r["window"], default={})
        why, remedy = _GONE.get(str(gone.get("rule")), _GONE["gone"])
        said = f"It was in window {page['window']}, but in window {gone.get('window')} {why}."
        met = _visited(index, url, pages) if pages else None
        if met is None:
            return WhyNot(url, "gone", said, remedy)
        return WhyNot(url, "gone", f"{said} {met.sentence}", met.remedy)
    if left["kept"]:
        return _duplicate(index, url, left)
    if left["stage"] == "mixture":
        said = (
            f"It is clean and unique, but the mixture keeps only a part of its language or source:"
            f" its rank is {left['value']:g}, and the ranks from {left['threshold']:g} on left."
        )
        return WhyNot(url, "mixed_out", said, "more of its language or source in [mixture]")
    value = "" if left["value"] is None else f" with the value {left['value']:g}"
    past = "" if left["threshold"] is None else f", past the threshold {left['threshold']:g}"
    said = f"It was dropped at {left['stage']} by the rule {left['rule']}{value}{past}."
    remedy = f"another threshold of {left['rule']} in the recipe, or another text on the page"
    return WhyNot(url, "dropped", said, remedy)


_IN_ORDER = ("pages", "documents", "verdicts", "clusters", "mixture")
_ORDER = {stage: n for n, stage in enumerate(_IN_ORDER)}


def _duplicate(index: Index, url: str, left: Row) -> WhyNot:
    facts = index.of_documents([left["kept"]], ["url", "kind"])
    urls = facts.filter(pc.equal(facts["kind"], PAGE))["url"].to_pylist()
    instead = urls[0] if urls else left["kept"].hex()
    alike = "says the same"
    if left["rule"] == "near":
        measured = f"similarity {left['value']:.2f}, threshold {left['threshold']:g}"
        alike = f"says nearly the same ({measured})"
    if left["rule"] == "superseded":
        said = f"A newer record of it took its place: {left['kept'].hex()}."
        return WhyNot(url, "superseded", said, "nothing: ask why the newer record is not there")
    remedy = "another text on one of the two pages, or another threshold in [clusters]"
    return WhyNot(url, "duplicate", f"{instead} {alike} and was kept in its place.", remedy)


def _never(index: Index, url: str, rows: list[Row], versions: Ancestry, outside: Outside) -> WhyNot:
    """Of an address without a page among these versions."""
    pages = versions.get("pages")
    limit = outside(pages, url) if pages else ""
    if limit:
        return WhyNot(url, "outside", f"It is outside the crawl's limits: {limit}.", "other limits")
    met = _visited(index, url, pages) if pages else None
    if met:
        return met
    if any(row["kind"] == PAGE for row in rows):
        said = "Other versions in the store have its page; this corpus was made without it."
        return WhyNot(url, "elsewhere", said, "a refresh that meets it, or the other version")
    config = pages.parts["config"] if pages else {}
    if config.get("source", {}).get("kind", "web") != "web":
        said = "The files that the recipe reads hold no text of that name."
        return WhyNot(url, "not_there", said, "a row of that address in the files, and a refresh")
    links = [row for row in rows if row["kind"] == LINKED]
    if not links:
        said = "No page that was fetched links to it, and no sitemap led to a page there."
        return WhyNot(url, "never_linked", said, "a link to it, or its address among the seeds")
    source = index.of_documents([links[0][DOC_ID]], ["url", "kind"])
    urls = source.filter(pc.is_in(source["kind"], value_set=pa.array([PAGE])))["url"].to_pylist()
    said = (
        f"{urls[0] if urls else 'A page'} links to it, but no page was kept from there, and the "
        f"account of that crawl is not in the store: it is older than such accounts, or was "
        f"collected."
    )
    return WhyNot(url, "not_kept", said, "a refresh, which tells what the site answers there")
