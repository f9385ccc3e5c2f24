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
    from flows.console import console as wide_enough
    from flows.private_text import without_private_titles
    from flows.story_text import story_text
    from pipeline.lineage.story import stories

    store, versions = versions_of(given, given.subject)
    places = find(store, versions, given.document)
    if not given.all:
        newest: dict[str, Place] = {}
        for place in places:
            newest.setdefault(place.url or place.doc_id.hex(), place)
        places = list(newest.values())
    console = wide_enough()
    for story in map(without_private_titles, stories(store, versions, places)):
        if given.json:
            print(story.model_dump_json())
        else:
            console.print(story_text(story, versions), soft_wrap=True)
    return 0


def find(store: Store, versions: Ancestry, document: str) -> list[Place]:
    """The records of the document that a person names.

    Raises:
        MissingArtifact: there is none.
    """
    from pipeline.crawl.canonical_url import canonical
    from pipeline.errors import MissingArtifact
    from pipeline.lineage.places import by_prefix, by_urls
    from pipeline.lineage.story import departed

    places: list[Place] = []
    if "://" in document:
        places = by_urls(store, versions, {document, canonical(document) or document})
    elif 4 <= len(document) <= 32 and set(document.lower()) <= _HEX:
        places = by_prefix(store, versions, document)
        if not places and len(document) == 32:
            places = departed(store, versions, bytes.fromhex(document))
    elif ":" in document and document.rpartition(":")[2].isdigit():
        places = _at(store, versions, document)
    else:  # a page of a file without addresses: books.jsonl#17
        places = by_urls(store, versions, {document})
    if not places:
        what = f"A document {document!r}"
        raise MissingArtifact(what, where=f"{store.uri} among the pages of these versions")
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
