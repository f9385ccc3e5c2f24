"""Show what a version was made of and what was made of it, by every recipe in the store.

Up it goes to the pages, with their sources' windows; down to models and scores. What a recipe's
present versions stand on is asked with the recipe. The answers come from an index in the store,
which is brought up to date by itself and can be thrown away.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.lineage.family import Family
    from pipeline.lineage.index.index import Index
    from schemas.artifact import ArtifactRef

EXAMPLES = """\
  penstock lineage corpus/web@latest
  penstock lineage model@3f9c0a12b4de --up
  penstock lineage pages/web@2026-11-21.1 --down --json
  penstock lineage my.toml --mermaid
  penstock lineage --rebuild-index
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", nargs="?", metavar="VERSION|RECIPE", help="corpus/web@latest")
    parser.add_argument("--up", action="store_true", help="what it was made of")
    parser.add_argument("--down", action="store_true", help="what was made of it [both]")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="one JSON object")
    shown.add_argument("--mermaid", action="store_true", help="a Mermaid flowchart")
    parser.add_argument(
        "--rebuild-index", action="store_true", help="throw the index away and make it anew"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the family."""
    import json

    from flows.terminal.console import console as wide_enough
    from pipeline.errors import BadRecipe
    from pipeline.lineage.family import family, mermaid

    if given.subject is None and not given.rebuild_index:
        msg = "Whose lineage? Name a version, corpus/web@latest, or a recipe."
        raise BadRecipe(msg)
    index, heads = _asked(given)
    if given.subject is None:
        print(f"The index holds {len(index.versions):,} versions and {len(index.shards):,} shards.")
        return 0
    both = given.up == given.down
    found = family(index, heads, up=given.up or both, down=given.down or both)
    if given.mermaid:
        print(mermaid(found))
    elif given.json:
        print(json.dumps(_plain(found), indent=1))
    else:
        wide_enough().print(_shown(found), soft_wrap=True)
    return 0


def _asked(given: argparse.Namespace) -> tuple[Index, list[ArtifactRef]]:
    """The index, and the versions that were named."""
    from flows.lineage.asked_about import opened
    from flows.subject import is_recipe, versions_of
    from pipeline.storage.references import References

    if given.subject is not None and is_recipe(given.subject):
        store, versions = versions_of(given, given.subject)
        return opened(given, store), [one.ref for one in versions.versions.values()]
    index = opened(given)
    if given.subject is None:
        return index, []
    ref = References(index.store).resolve(given.subject)
    index.store.open(ref)
    return index, [ref]


def _plain(found: Family) -> dict[str, object]:
    return {
        "versions": [
            {
                "version": f"{one.ref.stage}@{one.ref.key}",
                "side": one.side,
                "names": list(one.names),
                "window": one.window,
                "size": one.size,
                "left": one.left,
                "inputs": {role: f"{ref.stage}@{ref.key}" for role, ref in one.inputs.items()},
            }
            for one in found.versions
        ],
        "missing": [f"{ref.stage}@{ref.key}" for ref in found.missing],
    }


def _shown(found: Family) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from flows.terminal.tables import table

    shown = table("", "version", "holds", "left", "window", "names")
    signs = {"up": "^", "itself": "*", "down": "v"}
    for one in found.versions:
        names = " ".join(one.names[:3]) + (" ..." if len(one.names) > 3 else "")
        cells = (signs[one.side], str(one.ref), one.size, one.left, one.window, names)
        shown.add_row(*(Text(cell, "bold" if one.side == "itself" else "") for cell in cells))
    gone = [Text(f"{ref} is no longer in the store") for ref in found.missing]
    return Group(shown, *gone)
