"""List what a page, a domain or a version reaches: documents, shards, versions, names, models.

Of each model that learnt from it: how many of its rows, from which training step, how often. What
garbage collection has taken is not listed. A row can hold several documents: a model that saw the
row saw them all.
"""

from __future__ import annotations

import argparse

from flows.options import add_store

EXAMPLES = """\
  penstock impact https://example.org/guide.html
  penstock impact example.org                    the domain, with its subdomains
  penstock impact books.jsonl                    every row of a file
  penstock impact corpus/web@2026-11-21.1 --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="URL|DOMAIN|VERSION", help="what is asked about")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print what it reaches."""
    import json

    from flows.lineage.asked_about import opened, place_of, version_in
    from flows.terminal.console import console as wide_enough
    from flows.terminal.impact import impact_json, impact_text
    from pipeline.lineage.impact import impact, impact_of_version

    index = opened(given)
    ref = version_in(index.store, given.subject)
    found = impact_of_version(index, ref) if ref else impact(index, place_of(given.subject))
    if given.json:
        print(json.dumps(impact_json(found, index.store), indent=1))
    else:
        wide_enough().print(impact_text(found, index.store), soft_wrap=True)
    return 0
