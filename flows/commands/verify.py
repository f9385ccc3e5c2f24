"""Read every file of some versions, or of all, and see that each is what its receipt says.

Exit code 1 where something is damaged. With --repair damaged shards are set aside, and the next
run makes them again of what they were made of; pages are fetched again.
"""

from __future__ import annotations

import argparse

from flows.options import add_store

EXAMPLES = """\
  penstock verify
  penstock verify corpus/web@prod
  penstock verify --repair
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="only these [all]")
    parser.add_argument("--repair", action="store_true", help="set damaged shards aside")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print what was found."""
    from rich.progress import Progress
    from rich.text import Text

    from flows.options import store_of
    from flows.terminal.console import console as wide_enough
    from pipeline.storage.references import References
    from pipeline.storage.verify import repair, verify

    store = store_of(given)
    refs = [References(store).resolve(name) for name in given.versions] or None
    console = wide_enough()
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("verifying", total=None)
        told = verify(
            store, refs, progress=lambda done, of: progress.update(bar, completed=done, total=of)
        )
    for damage in told.damages:
        console.print(Text(str(damage), "red"), soft_wrap=True)
    for ref in told.collected:
        console.print(Text(f"{ref}: its data was collected as garbage", "dim"))
    looked = f"{told.versions:,} versions, {told.shards:,} shards, {told.files:,} files"
    verdict = f"{len(told.damages)} damaged" if told.damages else "all as they were written"
    console.print(f"{looked}, {told.size / 1e6:,.1f} MB: {verdict}", highlight=False)
    if told.damages and given.repair:
        repair(told.damages, store)
        console.print("Set aside; run the recipe again to make them anew.")
        return 0
    return 1 if told.damages else 0
