"""Say which items of the recipe's benchmarks the documents hold, and which of them are kept.

A recipe that measures `benchmark_overlap` names its benchmarks; the rule of that name drops what
holds too much of an item. Items are counted by the largest share of them that any one document
holds; the last columns count documents with a share of --least or more.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.session import Session
    from pipeline.lineage.ancestry import Ancestry
    from pipeline.lineage.overlap import Overlap
    from pipeline.signals.benchmarks import Benchmark

EXAMPLES = """\
  penstock overlap my.toml
  penstock overlap my.toml --least 0.8 -n 10
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("recipe", type=Path, help="my.toml")
    parser.add_argument(
        "--least", type=float, default=0.5, metavar="SHARE", help="of an item that counts [0.5]"
    )
    parser.add_argument("-n", "--number", type=int, default=3, metavar="N", help="examples [3]")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the report."""
    from rich.text import Text

    from flows.options import session_of
    from flows.subject import present
    from flows.terminal.console import console as wide_enough
    from flows.terminal.plain_text import plain
    from pipeline.errors import BadRecipe, MissingArtifact
    from pipeline.lineage.overlap import FAMILY, overlaps

    session = session_of(given)
    benchmarks = _benchmarks(session)
    if not benchmarks:
        msg = (
            f"{given.recipe} measures no benchmarks: give signals.families a "
            f'{{ kind = "benchmark_overlap", benchmarks = [{{ name = "…", file = "…" }}] }}.'
        )
        raise BadRecipe(msg)
    versions = present(session)
    if versions.get(FAMILY) is None:
        raise MissingArtifact(FAMILY, where=session.store.uri, known=list(versions.versions))
    found = overlaps(session.store, versions, least=given.least, examples=given.number)
    console = wide_enough()
    for line in _told(session, versions, benchmarks, found, given.least):
        console.print(Text(plain(line)), soft_wrap=True)
    return 0


def _benchmarks(session: Session) -> tuple[Benchmark, ...]:
    from pipeline.signals.families.benchmark_overlap import BenchmarkOverlap

    families = session.recipe.signals.families
    found = (each.benchmarks for each in families if isinstance(each, BenchmarkOverlap))
    return next(found, ())


def _told(
    session: Session,
    versions: Ancestry,
    benchmarks: tuple[Benchmark, ...],
    found: dict[str, Overlap],
    least: float,
) -> Iterator[str]:
    from pipeline.lineage.overlap import Overlap, url_of

    for benchmark in benchmarks:
        overlap = found.get(benchmark.name, Overlap())
        yield (
            f"{benchmark.name}: {len(benchmark.texts()):,} items; some document holds a share of "
            f"{least} or more of {overlap.items(least):,} ({overlap.items(least, kept=True):,} in "
            f"the corpus), all of {overlap.items(1):,} ({overlap.items(1, kept=True):,}); "
            f"{overlap.documents:,} documents, {overlap.kept:,} of them in the corpus"
        )
        for held in overlap.examples:
            where = "in the corpus" if held.kept else "not in the corpus"
            url = url_of(session.store, versions, held.place)
            yield f"  {held.share:.2f} of item {held.item:,}, {where}: {url}"
