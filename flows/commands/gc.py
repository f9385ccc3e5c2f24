"""Delete data that no name, no recent run and no unfinished work leads to.

What a kept version was made of is kept with it. Manifests and receipts always stay: they are small
and say what there was. Who deleted what, and why, is written down.
"""

from __future__ import annotations

import argparse

from flows.options import add_store

EXAMPLES = """\
  penstock gc --dry-run                          what would go
  penstock gc --why "the disk is filling up"
  penstock gc --labels 3 --runs 5 --why "only the newest matter"
"""

HOUR = 3600.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--dry-run", action="store_true", help="delete nothing")
    parser.add_argument("--labels", type=int, metavar="N", help="newest dated labels to keep [all]")
    parser.add_argument(
        "--runs", type=int, metavar="N", help="newest runs of a recipe to keep [10]"
    )
    parser.add_argument("--hours", type=float, metavar="N", help="what is younger stays [24]")
    parser.add_argument("--why", default="", metavar="REASON", help="written down with it")
    parser.add_argument("--who", default="", help="default: this user")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print what goes, and delete it."""
    from flows.naming import who_of
    from flows.options import checked, store_of
    from pipeline.errors import BadRecipe
    from pipeline.storage.gc import collect, plan_sweep
    from pipeline.storage.roots import Keep

    store = store_of(given)
    grace = None if given.hours is None else given.hours * HOUR
    asked = {"labels": given.labels, "runs": given.runs, "grace_seconds": grace}
    keep = checked(Keep, {name: value for name, value in asked.items() if value is not None})
    if not given.dry_run and not given.why:
        msg = 'Say why, --why "...": it is written down. Or look first: --dry-run.'
        raise BadRecipe(msg)
    if given.dry_run:
        sweep = plan_sweep(store, keep)
    else:
        sweep = collect(store, keep, who=who_of(given), why=given.why)
    verb = "would go" if given.dry_run else "deleted"
    for kind, pile in sweep.piles.items():
        print(f"  {kind:<16}{pile.files:>8,} files {pile.size / 1e6:>12,.1f} MB")
    for ref in sweep.versions:
        print(f"  {ref} loses its data")
    print(f"{sweep.total.files:,} files, {sweep.total.size / 1e6:,.1f} MB {verb}.")
    return 0
