"""Tell a document's story, from its URL to the models that saw it, or to the rule that dropped it.

The document is named by its URL, by its doc_id (hex; the beginning is enough), or by the place
where it lies: `SHARD:ROW` in the corpus, `tokens/SHARD:ROW` or `STAGE/SHARD:ROW` elsewhere. A row
of tokens can hold several documents; each story is told. Titles are redacted as texts are; URLs
are shown as they are, whatever is in them: they say what a document is and where it is from.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store
from flows.subject import versions_of

if TYPE_CHECKING:
    from pipeline.lineage.ancestry import Ancestry
    from pipeline.lineage.index.index import Index
    from pipeline.lineage.places import Place
    from pipeline.store import Store

EXAMPLES = """\
  penstock trace my.toml https://example.org/guide.html
  penstock trace my.toml 5f0c9a
  penstock trace my.toml tokens/20261121T000000Z-example.org-000:17
  penstock trace corpus/my@2026-11-21.1 https://example.org/guide.html --json
"""

_HEX = frozenset("0123456789abcdef")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or corpus/my@latest")
    parser.add_argument("document", metavar="URL|DOC_ID|SHARD:ROW", help="which document")
    parser.add_argument("--all", action="store_true", help="records of older windows too")
    parser.add_argument("--json", action="store_true", help="one JSON object a story")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the stories."""
    import json

    from flows.lineage.asked_about import opened
    from flows.lineage.rule_verdicts import asked_rules
    from flows.private_text import without_private_titles
    from flows.terminal.console import console as wide_enough
    from flows.terminal.story import story_text
    from pipeline.lineage.story import stories

    store, versions = versions_of(given, given.subject)
    index = opened(given, store)
    places = find(index, versions, given.document)
    if not given.all:
        newest: dict[str, Place] = {}
        for place in places:
            newest.setdefault(place.url or place.doc_id.hex(), place)
        places = list(newest.values())
    console = wide_enough()
    for story in map(without_private_titles, stories(store, versions, places, index=index)):
        rules = asked_rules(store, versions, story)
        if given.json:
            asked = [rule._asdict() for rule in rules]
            print(json.dumps(story.model_dump(mode="json") | {"rules": asked}))
        else:
            console.print(story_text(story, versions, rules), soft_wrap=True)
    return 0


def find(index: Index, versions: Ancestry, document: str) -> list[Place]:
    """The records of the document that a person names, the newest window first.

    Raises:
        MissingArtifact: there is none.
    """
    from flows.lineage.asked_about import place_of
    from pipeline.errors import MissingArtifact
    from pipeline.lineage.index.places import places_of
    from pipeline.lineage.story import departed

    places: list[Place] = []
    is_prefix = 4 <= len(document) <= 32 and set(document.lower()) <= _HEX
    if is_prefix:
        places = places_of(index, versions, index.of_prefix(document))
        if not places and len(document) == 32:
            places = departed(index.store, versions, bytes.fromhex(document))
    elif "://" not in document and ":" in document and document.rpartition(":")[2].isdigit():
        places = _at(index.store, versions, document)
    else:  # also a page of a file without addresses: books.jsonl#17
        subject = place_of(document)._replace(url=place_of(document).url or document)
        places = places_of(index, versions, index.of_subject(subject))
    if not places:
        what = f"A document {document!r}"
        where = f"{index.store.uri} among the pages of these versions"
        raise MissingArtifact(what, where=where)
    return places


def _at(store: Store, versions: Ancestry, place: str) -> list[Place]:
    """The documents at `SHARD:ROW` or `STAGE/SHARD:ROW`."""
    from pipeline.errors import MissingArtifact
    from pipeline.lineage.places import by_row

    left, _, row = place.rpartition(":")
    stage, _, shard = left.rpartition("/")
    manifest = versions.get(stage or "corpus")
    if manifest is None:
        known = list(versions.versions)
        what = f"A version of {stage or 'corpus'}"
        raise MissingArtifact(what, where=store.uri, known=known)
    return by_row(store, versions, manifest, shard, int(row))
