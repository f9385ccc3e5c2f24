"""List the versions that are there: their names for people, and what each one holds.

Every run gives new versions a dated label, `corpus/web@2026-11-21.1`. Moving names point to one of
them: `@latest` by itself, past the recipe's gates; others, such as `@prod`, by `promote`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.store import Store
    from schemas.artifact import Manifest

EXAMPLES = """\
  penstock versions                 the newest of every stage and recipe
  penstock versions corpus          all of one stage
  penstock versions corpus/web
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("stage", nargs="?", metavar="STAGE[/NAME]", help="all versions of this")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the table."""
    from flows.options import store_of
    from flows.terminal.console import console as wide_enough
    from flows.terminal.tables import table
    from pipeline.errors import MissingArtifact
    from pipeline.storage.references import References

    store = store_of(given)
    stage, _, name = (given.stage or "").partition("/")
    stages = [stage] if stage else sorted(stages_of(store))
    shown = table("name", "also", "version", "rows", "digest", right=("rows",))
    shown.columns[0].no_wrap = True
    for each in stages:
        names = [name] if name else References(store).names(each)
        for one in names:
            _add(shown, store, each, one, newest_only=not stage)
    if not shown.row_count:
        raise MissingArtifact(given.stage or "Any version", where=store.uri)
    wide_enough().print(shown)
    return 0


def stages_of(store: Store) -> set[str]:
    """The stages that have named versions."""
    folder = "refs/versions/"
    entries = store.files.entries("refs/versions")
    return {entry.path.removeprefix(folder).partition("/")[0] for entry in entries}


def tags_of(store: Store, stage: str, name: str) -> dict[str, str]:
    """Moving name -> the key that it points to."""
    from pipeline.storage.references import References

    folder = f"refs/tags/{stage}/{name}/"
    paths = (entry.path.removeprefix(folder) for entry in store.files.entries(folder.rstrip("/")))
    found = {}
    for tag in sorted({path.partition("/")[0] for path in paths}):
        newest = References(store).tag(stage, name, tag).newest()
        if newest:
            found[tag] = newest[1].ref.key
    return found


def _add(shown: Table, store: Store, stage: str, name: str, *, newest_only: bool) -> None:
    from rich.text import Text

    from pipeline.storage.references import References

    tags = tags_of(store, stage, name)
    log = References(store).versions(stage, name)
    numbers = log.numbers()[-1:] if newest_only else log.numbers()
    for number in reversed(numbers):
        reference = log.get(number)
        manifest = store.find(reference.ref)
        also = " ".join(f"@{tag}" for tag, key in tags.items() if key == reference.ref.key)
        digest, rows = _content(manifest) if manifest else ("gone", "")
        cells = (f"{stage}/{name}@{reference.label}", also, reference.ref.key[:12], rows, digest)
        shown.add_row(*map(Text, cells))


def _content(manifest: Manifest) -> tuple[str, str]:
    """A short digest of all that the version holds, and the rows of its first table."""
    import hashlib

    digest = hashlib.sha256(manifest.digest().encode()).hexdigest()[:12]
    rows = {name: count for name, count in manifest.rows.items() if name != "ledger"}
    main = rows.get(manifest.stage, next(iter(rows.values()), None))
    return digest, "" if main is None else f"{main:,}"
