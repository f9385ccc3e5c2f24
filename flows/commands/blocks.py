"""List the blocks that recipes are made of, or show one with its fields and examples.

There are sources, extractors, families of signals, rules and models. A block is one file; its name
in a recipe is the file's name. Your own blocks are found by module: `my_team.rules.no_tables`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.block import Block

EXAMPLES = """\
  penstock blocks
  penstock blocks rules
  penstock blocks rules word_count
"""

_MOST_EXAMPLES = 12


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    kinds = "sources, extractors, families, rules, models"
    parser.add_argument("kind", nargs="?", metavar="KIND", help=kinds)
    parser.add_argument("block", nargs="?", metavar="BLOCK", help="show this one whole")


def run(given: argparse.Namespace) -> int:
    """Print the blocks."""
    from flows.blocks import KINDS, blocks_of
    from flows.terminal.console import console as wide_enough

    console = wide_enough()
    if given.block:
        blocks_of(given.kind)  # an unknown kind is said first
        _show(console, KINDS[given.kind].named(given.block))
        return 0
    for kind in (given.kind,) if given.kind else KINDS:
        _list(console, kind)
    return 0


def _list(console: Console, kind: str) -> None:
    from rich.text import Text

    from flows.blocks import blocks_of, first_line

    blocks = blocks_of(kind)
    console.print(Text(kind, "bold"))
    for name, block in blocks.items():
        console.print(Text.assemble((f"  {name:<22}", "cyan"), first_line(block)), soft_wrap=True)
    console.print()


def _show(console: Console, block: type[Block]) -> None:
    from rich.text import Text

    from flows.blocks import settings_of
    from flows.terminal.tables import table

    console.print(Text.assemble((block.kind(), "bold cyan"), f"  {block.__module__}\n"))
    console.print(Text(block.documentation()), soft_wrap=True)
    settings = settings_of(block)
    if settings:
        shown = table("field", "type", "default", "bounds", "")
        for each in settings:
            default = each.default or "(must be given)"
            shown.add_row(*map(Text, (each.name, each.type, default, each.bounds, each.about)))
        console.print()
        console.print(shown)
    examples = getattr(block, "examples", ())
    if examples:
        console.print(Text("\nexamples", "bold"))
        for example in examples[:_MOST_EXAMPLES]:
            console.print(Text(f"  {_example(example)}"), soft_wrap=True)


def _example(example: object) -> str:
    """A pair of what comes in and what must come out."""
    if isinstance(example, tuple) and len(example) == 2:
        given, gives = example
        return f"{given!r}  ->  {gives!r}"
    return repr(example)
