"""Show some documents of a version: the same ones each time, chosen by a hash of their id.

Of `corpus` and other stages the documents that are there; with --dropped those that left at the
stage, with the rule, its value and its threshold. Private data is always redacted: e-mail
addresses, telephone numbers and so on stand as <EMAIL>, <PHONE>, in texts and titles. URLs are
shown as they are, whatever is in them: they say what a document is and where it is from.

Records that a newer one has replaced, or whose page is gone, are left out; `sample clusters --rule
superseded` and `--rule removed` show those.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from pipeline.lineage.ancestry import Ancestry
    from pipeline.lineage.pick import Picked
    from pipeline.store import Store

EXAMPLES = """\
  penstock sample corpus
  penstock sample corpus/web@2026-11-21.1 -n 20 --seed 7
  penstock sample verdicts --dropped --rule word_count
  penstock sample clusters --dropped --recipe my.toml --characters 2000
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("version", help="a stage, or a version: corpus, verdicts@3f9c0a12b4de")
    parser.add_argument("--recipe", type=Path, help="the recipe whose present version to take")
    parser.add_argument("-n", "--number", type=int, default=5, metavar="N", help="documents [5]")
    parser.add_argument("--seed", type=int, default=0, help="another one shows others [0]")
    parser.add_argument("--dropped", action="store_true", help="documents that left at this stage")
    parser.add_argument("--rule", help="only those that this rule took; implies --dropped")
    parser.add_argument(
        "--characters", type=int, default=600, metavar="N", help="of each text, at most [600]"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the documents."""
    from flows.terminal.console import console as wide_enough
    from flows.terminal.document import sample_text

    store, versions, stage = _subject(given)
    console = wide_enough()
    picked = _picked(given, store, versions, stage)
    for each in picked:
        console.print(sample_text(each, stage, given.characters), soft_wrap=True)
    if not picked:
        by = f" by {given.rule}" if given.rule else ""
        where = f"left{by} at" if given.dropped or given.rule else "is in"
        console.print(f"No document {where} {versions.versions[stage].ref}.")
    return 0


def _subject(given: argparse.Namespace) -> tuple[Store, Ancestry, str]:
    from flows.subject import versions_of
    from pipeline.errors import MissingArtifact

    stage = given.version.partition("@")[0].partition("/")[0]
    named = given.version if given.recipe is None else str(given.recipe)
    store, versions = versions_of(given, named)
    if versions.get(stage) is None:
        known = list(versions.versions)
        raise MissingArtifact(given.version, where=store.uri, known=known)
    return store, versions, stage


def _picked(
    given: argparse.Namespace, store: Store, versions: Ancestry, stage: str
) -> list[Picked]:
    from pipeline.lineage.pick import pick_kept, pick_left

    if given.dropped or given.rule:
        return pick_left(store, versions, stage, given.number, seed=given.seed, rule=given.rule)
    return pick_kept(store, versions, stage, given.number, seed=given.seed)
