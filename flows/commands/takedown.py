"""Take a domain or a page down: out of the pages, of what follows, and of every later crawl.

--plan lists what it reaches, and writes nothing. --apply notes it in the store, so that no crawl
and no source takes those addresses again, and writes the pages without them: only shards that hold
any, WARC records too. The next `penstock run` makes what follows again, shard by shard. Older
versions stay until `penstock gc` takes them; models that learnt from it stay what they are:
`penstock impact` lists both.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index
    from pipeline.sites import Subject

EXAMPLES = """\
  penstock takedown example.org --plan
  penstock takedown example.org --apply --by ann --why "asked by the owner, letter of 3 May"
  penstock takedown https://example.org/ann.html --plan
  penstock takedown books.jsonl#17 --plan
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="DOMAIN|URL", help="a domain with its subdomains, a URL")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--plan", action="store_true", help="show what it reaches; write nothing")
    what.add_argument("--apply", action="store_true", help="take it down")
    parser.add_argument("--by", default="", metavar="WHO", help="who decided it; with --apply")
    parser.add_argument("--why", default="", help="why; with --apply")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Show it, or do it."""
    from flows.lineage.asked_about import opened, place_of
    from pipeline.errors import BadRecipe

    if given.apply and not (given.by.strip() and given.why.strip()):
        msg = "A take-down is written down with who decided it and why: add --by and --why."
        raise BadRecipe(msg)
    index = opened(given)
    subject = place_of(given.subject)
    _check(subject, index)
    if given.plan:
        return _plan(index, subject)
    return _apply(index, subject, given.by.strip(), given.why.strip())


def _check(subject: Subject, index: Index) -> None:
    """Refuse what would take more than a person can mean.

    Raises:
        BadRecipe: a whole top-level domain, or nothing.
    """
    from pipeline.errors import BadRecipe
    from pipeline.sites import AFTER

    lone = not subject.url and AFTER not in subject.site and not subject.site[:1].isdigit()
    if lone and subject.site not in ("localhost",) and not subject.port:
        facts = index.of_subject(subject, ["site"])
        if set(facts["site"].to_pylist()) - {subject.file}:
            msg = (
                f"{subject.text!r} is a whole top-level domain: name a domain below it, "
                f"example.{subject.text or 'org'}."
            )
            raise BadRecipe(msg)


def _plan(index: Index, subject: Subject) -> int:
    from rich.text import Text

    from flows.lineage.taking_down import again, holding, newest
    from flows.terminal.console import console as wide_enough
    from flows.terminal.impact import impact_text
    from flows.terminal.tables import table
    from pipeline.lineage.impact import impact

    console = wide_enough()
    console.print(impact_text(impact(index, subject), index.store), soft_wrap=True)
    shown = table("recipe", "made again", "shards", "of", right=("shards", "of"))
    held = holding(index, subject)
    for one in held:
        print(f"{one.pages.ref} would give way to one without {one.records:,} of its records.")
    for one in newest(held):
        for each in again(index.store, one):
            shown.add_row(*map(Text, (each.recipe, each.stage, f"{each.shards:,}", f"{each.of:,}")))
    if shown.row_count:
        console.print(shown)
    print("\nNothing was written. --apply --by WHO --why WHY takes it down.")
    return 0


def _apply(index: Index, subject: Subject, who: str, why: str) -> int:
    from flows.lineage.taking_down import take_down, unpin

    given = take_down(index.store, subject, who=who, why=why)
    print(f"{subject.text} was taken down: no crawl and no source takes it from now on.")
    for each in given:
        print(f"  {each.new} takes the place of {each.old}, without {each.records:,} records")
    for recipe in unpin(index.store, subject, who=who):
        print(f"  validation/{recipe} held some of it: the next run chooses it anew, pinned again")
    print(
        "Run the recipes to make what follows again; `penstock gc` then deletes the older "
        "versions' data, `penstock lineage --rebuild-index` forgets their addresses, and "
        "`penstock impact` shows what is left."
    )
    return 0
