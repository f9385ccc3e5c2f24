"""Say why a stage would be made now, or why it is reused; or how two versions differ.

With a recipe: what changed since the version that the recipe had before. With two versions: how
what was asked for differs, part by part: configuration, inputs, code, packages.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store
from flows.subject import is_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.session import Session
    from pipeline.run.plan import Planned
    from schemas.artifact import Manifest

EXAMPLES = """\
  penstock why my.toml verdicts
  penstock why my.toml                                      every stage
  penstock why corpus/my@2026-11-21.1 corpus/my@2026-11-22.1
  penstock why verdicts@3f9c0a12b4de verdicts@77aa0190c2ef
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or an older version")
    parser.add_argument("other", nargs="?", metavar="STAGE|VERSION", help="or the newer version")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the reasons."""
    from rich.text import Text

    from flows.terminal.console import console as wide_enough

    lines = _of_recipe(given) if is_recipe(given.subject) else _of_versions(given)
    console = wide_enough()
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    return 0


def _of_recipe(given: argparse.Namespace) -> Iterator[str]:
    from flows.options import session_of
    from pipeline.errors import BadRecipe

    given.recipe = Path(given.subject)
    session = session_of(given, "look")
    rows = session.plan().rows
    wanted = [row for row in rows if given.other in (None, row.stage)]
    if not wanted:
        known = ", ".join(row.stage for row in rows)
        msg = f"No stage of {given.subject} is called {given.other!r}. There are {known}."
        raise BadRecipe(msg)
    for row in wanted:
        yield from _told(session, row)


def _told(session: Session, row: Planned) -> Iterator[str]:
    if row.state != "reused" or row.ref is None:
        yield f"{row.stage}: {row.state}"
        yield from (f"  {reason}" for reason in row.why)
        return
    yield f"{row.stage}: reused, {row.ref} is there with all its {row.shards} shards"
    yield from (f"  {reason}" for reason in row.why)
    now, before = session.store.open(row.ref), _before(session, row)
    if before:
        yield f"  since {before.ref}, which the recipe had before it:"
        yield from (f"    {line}" for line in _differences(before, now))


def _before(session: Session, row: Planned) -> Manifest | None:
    """The newest version of the stage that the recipe had and that is another one."""
    from pipeline.storage.references import References

    log = References(session.store).versions(row.stage, session.recipe.name)
    refs = (log.get(number).ref for number in reversed(log.numbers()))
    other = next((ref for ref in refs if ref != row.ref), None)
    return session.store.find(other) if other else None


def _of_versions(given: argparse.Namespace) -> Iterator[str]:
    from flows.options import store_of
    from pipeline.errors import BadRecipe
    from pipeline.storage.references import References

    if given.other is None:
        msg = f"Compare {given.subject} with what? Name a second version, or name a recipe."
        raise BadRecipe(msg)
    store = store_of(given)
    names = References(store)
    old, new = (store.open(names.resolve(name)) for name in (given.subject, given.other))
    yield f"{old.ref} -> {new.ref}"
    yield from (f"  {line}" for line in _differences(old, new))


def _differences(old: Manifest, new: Manifest) -> Iterator[str]:
    from pipeline.versions.key import KeyParts
    from pipeline.versions.why import differences, sentence

    parts = (KeyParts.from_json(manifest.parts) for manifest in (old, new))
    found = [sentence(each) for each in differences(*parts)]
    yield from found or ["the same was asked for"]
    if old.digests == new.digests:
        yield "what came out is equal"
