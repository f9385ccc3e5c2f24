"""Say what another policy would drop: from the signals that are there, without making a version.

With a recipe, what its rules as the file has them now would drop, compared with what the newest
version of its verdicts dropped: so edit the file and ask, or name changes here. With a version, its
own rules, and the changes. Any number of changes can be asked about at once; rules are counted from
0, as `penstock why` does.

Answers for every rule, language and domain, with some of the documents that the change decides
about; what is private in them is not shown.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store
from flows.subject import is_recipe

if TYPE_CHECKING:
    from pipeline.lineage.ancestry import Ancestry
    from pipeline.select.stage import Verdicts
    from pipeline.store import Store

EXAMPLES = """\
  penstock whatif my.toml                                     the recipe as it is edited now
  penstock whatif my.toml duplicate_ngrams.most_5=0.4
  penstock whatif my.toml 'rules[3].most_5=0.4' word_count.fewest=80 --without lorem_ipsum
  penstock whatif corpus/my@latest --with '{ kind = "languages", keep = ["en"] }' --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or corpus/my@latest")
    parser.add_argument(
        "change",
        nargs="*",
        metavar="RULE.FIELD=VALUE",
        help="a threshold, as a recipe has it; right behind the recipe",
    )
    parser.add_argument(
        "--with", action="append", default=[], dest="added", metavar="RULE", help="one rule more"
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="RULE", help="one rule less"
    )
    parser.add_argument(
        "--examples", type=int, default=3, metavar="N", help="documents of each kind [3]"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print what would be dropped."""
    from flows.terminal.console import console as wide_enough
    from flows.terminal.effect import effect_tables, effect_text
    from flows.whatif.answer import what_if
    from flows.whatif.changes import changed

    store, line, policy = _asked(given)
    policy = changed(policy, given.change, added=given.added, removed=given.without)
    effect = what_if(store, line, policy, examples=max(given.examples, 0))
    if given.json:
        print(effect.model_dump_json(indent=1))
        return 0
    console = wide_enough()
    console.print(effect_text(effect), soft_wrap=True)
    for table in effect_tables(effect):
        console.print(table)
        console.print()
    return 0


def _asked(given: argparse.Namespace) -> tuple[Store, Ancestry, Verdicts]:
    """The store, the verdicts that there are with what belongs to them, and the rules to begin at.

    Raises:
        MissingArtifact: there are no verdicts yet.
    """
    from flows.stage_of import policy_of
    from flows.subject import versions_of
    from pipeline.errors import BadRecipe, MissingArtifact

    if is_recipe(given.subject):
        given.recipe = Path(given.subject)
        return _of_recipe(given)
    store, line = versions_of(given, given.subject)
    manifest = line.get("verdicts")
    if manifest is None:
        what = f"A version of verdicts that {given.subject} stands on"
        raise MissingArtifact(what, where=store.uri)
    policy = policy_of(manifest)
    if policy is None:
        msg = f"The code here does not take the rules of {manifest.ref} any more: name a recipe."
        raise BadRecipe(msg)
    return store, line, policy


def _of_recipe(given: argparse.Namespace) -> tuple[Store, Ancestry, Verdicts]:
    from flows.options import recipe_of, store_of
    from pipeline.errors import MissingArtifact
    from pipeline.lineage.ancestry import ancestry
    from pipeline.run.history import History

    recipe, store = recipe_of(given), store_of(given)
    manifest = History(store, recipe.name).previous("verdicts")
    if manifest is None:
        what = f"A version of verdicts that the recipe {recipe.name} made"
        raise MissingArtifact(what, where=store.uri)
    return store, ancestry(store, manifest), recipe.verdicts
