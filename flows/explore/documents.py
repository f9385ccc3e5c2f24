"""The third view: finding a document, and its story."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from flows.explore.errors import BadQuestion
from flows.explore.subject import Looked, address
from flows.lineage.asked_about import place_of
from flows.lineage.rule_verdicts import asked_rules
from flows.lineage.seen import steps_that_saw
from flows.private_text import without_private_titles
from flows.terminal.plain_text import plain
from flows.terminal.story import departure, ending, value_text
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.chapters import Chapter
from pipeline.lineage.index.places import places_of
from pipeline.lineage.places import Place, receipts_of
from pipeline.lineage.story import Departure, Story, departed, stories
from pipeline.sites import Subject

_HEX = frozenset("0123456789abcdef")
_MOST = 200  # documents found
_FEWEST_LETTERS = 2


def found(looked: Looked, of: str, words: str) -> dict[str, Any]:
    """The documents that are meant: by doc_id, address, domain, or a part of the address."""
    versions, words = looked.versions(of), words.strip()
    if len(words) < _FEWEST_LETTERS:
        raise BadQuestion("The search", words, known="at least two characters")
    places = _by_id(looked, versions, words) or _by_place(looked, versions, words)
    how = "found in the index"
    if not places:
        places = _containing(looked, versions, words)
        how = "found by a part of the address"
    rows = [
        address(place.url)
        | {"doc": place.doc_id.hex(), "shard": place.shard, "window": place.window}
        for place in places[:_MOST]
    ]
    return {"rows": rows, "more": len(places) > _MOST, "how": how if rows else ""}


def story(looked: Looked, of: str, doc: str, shard: str) -> dict[str, Any]:
    """The story of one record, in the words of `penstock trace`."""
    versions, index = looked.versions(of), looked.index()
    if len(doc) != 32 or not set(doc) <= _HEX:
        raise BadQuestion("The document", doc, known="a doc_id of 32 hex digits")
    places = places_of(index, versions, index.of_prefix(doc))
    places = places or departed(looked.store, versions, bytes.fromhex(doc))
    places = [place for place in places if shard in ("", place.shard)] or places
    if not places:
        raise BadQuestion("The document", doc, known="one of the pages of these versions")
    told = stories(looked.store, versions, places[:1], index=index)[0]
    told = without_private_titles(told)
    return address(told.url) | {
        "doc": told.doc_id,
        "window": told.window,
        "shard": told.shard,
        "kept": told.kept and not told.left,
        "ending": plain(ending(told)),
        "title": _title(told),
        "chapters": [_chapter(each, told) for each in told.chapters] + _alone(told),
        "rules": [rule._asdict() for rule in asked_rules(looked.store, versions, told)],
        "models": [
            {
                "of": f"{each.model.stage}@{each.model.key}",
                "rows": len(each.rows),
                "of_rows": each.of_rows,
                "steps": steps_that_saw(each, versions).removeprefix(", "),
            }
            for each in told.models
        ],
        "records": [
            {"shard": place.shard, "window": place.window} for place in places if place.window
        ],
    }


def _by_id(looked: Looked, versions: Ancestry, words: str) -> list[Place]:
    digits = words.lower()
    if not 4 <= len(digits) <= 32 or not set(digits) <= _HEX:
        return []
    index = looked.index()
    places = places_of(index, versions, index.of_prefix(digits))
    if not places and len(digits) == 32:
        return departed(looked.store, versions, bytes.fromhex(digits))
    return places


def _by_place(looked: Looked, versions: Ancestry, words: str) -> list[Place]:
    """By a whole address, by the beginning of one, or by a domain."""
    index, subject = looked.index(), place_of(words)
    places = places_of(index, versions, index.of_subject(subject))
    if places or not subject.url or not urlsplit(words).netloc:
        return places
    rows = index.of_subject(Subject.domain(urlsplit(words).netloc))
    return places_of(index, versions, rows.filter(pc.starts_with(rows["url"], words)))


def _containing(looked: Looked, versions: Ancestry, words: str) -> list[Place]:
    """The records whose address has the words in it; as many as are shown."""
    pages, places = versions.get("pages"), []
    for shard, receipt in receipts_of(looked.store, pages) if pages else ():
        for batch in looked.store.batches(receipt, "pages", ("doc_id", "url", "window")):
            here: pa.Array = pc.match_substring(batch["url"], words, ignore_case=True)
            for row in batch.filter(here).to_pylist():
                places.append(Place(shard, row["doc_id"], row["url"], row["window"]))
            if len(places) > _MOST:
                return places
    return sorted(places, key=lambda place: place.window, reverse=True)


def _chapter(chapter: Chapter, told: Story) -> dict[str, Any]:
    facts = dict(chapter.facts)
    pieces = facts.pop("pieces", None)
    shown = [[plain(name, 100), _fact(value)] for name, value in facts.items() if value != []]
    if isinstance(pieces, list):
        shown.append(["pieces", _pieces(pieces)])
    return {
        "stage": chapter.stage,
        "of": f"{chapter.ref.stage}@{chapter.ref.key}",
        "place": f"{chapter.shard}:{chapter.row}" if chapter.row is not None else chapter.shard,
        "facts": shown,
        "left": [_left(each) for each in told.departures if each.stage == chapter.stage],
    }


def _alone(told: Story) -> list[dict[str, Any]]:
    """Where it left at a stage that knows nothing else of it."""
    return [
        {"stage": each.stage, "of": "", "place": told.shard, "facts": [], "left": [_left(each)]}
        for each in told.departures
        if told.chapter(each.stage) is None
    ]


def _left(left: Departure) -> dict[str, Any]:
    kept = address(left.kept_url) if left.kept_url else {}
    return {"told": plain(departure(left), 4000), "kept": left.kept, **kept}


def _title(told: Story) -> str:
    documents = told.chapter("documents")
    title = documents.facts.get("title") if documents else None
    return plain(str(title), 400).replace("\n", " ") if title else ""


def _fact(value: Any) -> str:
    return plain(value_text(value), 2000)


def _pieces(pieces: list[Any]) -> str:
    told = [f"row {piece['row']} [{piece['start']}:{piece['stop']}]" for piece in pieces[:6]]
    return ", ".join(told) + (f" and {len(pieces) - 6} more" if len(pieces) > 6 else "")
