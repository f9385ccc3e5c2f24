"""Say in one sentence why an address is not in a corpus, and what would change it.

It was never linked to, refused by robots.txt, gone, outside the crawl's limits, dropped by a rule,
quarantined, a duplicate of another page, or taken down. Without --corpus the latest corpus of
every recipe is asked.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.store import Store
    from schemas.artifact import ArtifactRef

EXAMPLES = """\
  penstock why-not https://example.org/guide.html
  penstock why-not https://example.org/guide.html --corpus corpus/web@2026-11-21.1
  penstock why-not books.jsonl#17 --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("url", metavar="URL", help="an address, or a row of a file: books.jsonl#17")
    parser.add_argument("--corpus", metavar="VERSION", help="corpus/web@latest [each recipe's]")
    parser.add_argument("--json", action="store_true", help="one JSON object a corpus")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the answers."""
    import json

    from rich.text import Text

    from flows.lineage.asked_about import opened, place_of
    from flows.lineage.crawl_limits import left_out_by
    from flows.subject import lineage_of
    from flows.terminal.console import console as wide_enough
    from flows.terminal.plain_text import one_line
    from pipeline.errors import BadRecipe
    from pipeline.lineage.why_not import why_not

    subject = place_of(given.url)
    if not subject.url:
        msg = f"{given.url!r} is no address: name one, https://..., or a row of a file, file#row."
        raise BadRecipe(msg)
    index = opened(given)
    console = wide_enough()
    for name, ref in _corpora(index.store, given.corpus):
        versions = lineage_of(index.store, index.store.open(ref)).upto("corpus")
        found = why_not(index, subject, versions, outside=left_out_by)
        if given.json:
            print(json.dumps({"corpus": name} | found._asdict()))
            continue
        text = Text(f"{name}: ", "bold").append(one_line(found.sentence, 4000), "")
        if found.remedy:
            text.append(f"\n  what would change it: {found.remedy}", "dim")
        console.print(text, soft_wrap=True)
    return 0


def _corpora(store: Store, named: str | None) -> Iterator[tuple[str, ArtifactRef]]:
    """The corpora that are asked about, each with its name.

    Raises:
        MissingArtifact: there is none.
    """
    from pipeline.errors import MissingArtifact
    from pipeline.storage.references import References

    names = References(store)
    if named is not None:
        yield named, names.resolve(named)
        return
    recipes = names.names("corpus")
    if not recipes:
        raise MissingArtifact("Any corpus", where=store.uri)
    for recipe in recipes:
        yield f"corpus/{recipe}", names.resolve(f"corpus/{recipe}")
