"""Show what became of the documents between two versions of a corpus.

Documents added, changed (the same URL with another text) and gone, and for those gone the rule
that took them; the drops by rule in both; and what each stage of the newer version cost beyond
the older one.

With a recipe: its @latest against what was @latest before. Where the newest version did not become
@latest, because a gate held it back, it is compared with @latest, and a line says so; tries with
--limit are passed over. Where there was only one @latest, its two newest versions are compared.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store
from flows.subject import is_recipe

if TYPE_CHECKING:
    from pipeline.store import Store
    from schemas.artifact import Manifest

EXAMPLES = """\
  penstock diff my.toml
  penstock diff corpus/web@2026-11-22.1 corpus/web@2026-11-22.2
  penstock diff corpus/web@prod corpus/web@latest --most 100
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("before", metavar="RECIPE|VERSION", help="my.toml, or the older version")
    parser.add_argument("after", nargs="?", metavar="VERSION", help="the newer version")
    parser.add_argument("--most", type=int, default=20, metavar="N", help="URLs of each kind")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the comparison."""
    from flows.options import store_of
    from flows.subject import lineage_of
    from flows.terminal.console import console as wide_enough
    from flows.terminal.tables import cost_table, differences_text, drops_table
    from pipeline.lineage.compare import compare
    from pipeline.storage.references import References

    if is_recipe(given.before):
        given.recipe = Path(given.before)
        store = store_of(given)
        before, after = _latest_two(given, store)
    else:
        store = store_of(given)
        names = References(store)
        before, after = (store.open(names.resolve(name)) for name in _two(given))
    lineage = (lineage_of(store, before), lineage_of(store, after))
    found = compare(store, before, after, lineage=lineage)
    console = wide_enough()
    console.print(differences_text(found, given.most), soft_wrap=True)
    if found.drops:
        console.print(drops_table(found.drops))
    console.print(cost_table(found.costs))
    return 0


def _two(given: argparse.Namespace) -> tuple[str, str]:
    from pipeline.errors import BadRecipe

    if given.after is None:
        msg = f"Compare {given.before} with what? Name a second version, or name a recipe."
        raise BadRecipe(msg)
    return given.before, given.after


def _latest_two(given: argparse.Namespace, store: Store) -> tuple[Manifest, Manifest]:
    """Of the recipe's corpora the older and the newer one that a person would compare."""
    from flows.options import recipe_of
    from pipeline.errors import StoreError
    from pipeline.lineage.latest import two_to_compare

    recipe = recipe_of(given)
    name = recipe.name
    pair = two_to_compare(store, "corpus", name, limit=recipe.pages.limit)
    if pair is None:
        msg = f"There are no two versions of corpus/{name} to compare yet: a second run, with "
        msg += "--refresh or another rule, gives one to compare with the first."
        raise StoreError(msg)
    if pair.held_back:
        print(f"The newest version, {pair.after}, is not @latest: it is compared with what is.")
    return store.open(pair.before), store.open(pair.after)
