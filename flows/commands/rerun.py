"""Make a version a second time, beside the store, and see that the same comes out.

Exact stages must give equal digests; models and scores may differ within --tolerance. Exit code 1
where something else came out; where it does, the shard and the column group are named.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.run.rerun import Rerun

EXAMPLES = """\
  penstock rerun corpus/web@latest
  penstock rerun verdicts@3f9c0a12b4de --runner pool --workers 4
  penstock rerun model/web@prod --tolerance 0.01
"""

_MOST = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("version", help="corpus/web@latest, verdicts@3f9c0a12b4de")
    parser.add_argument("--runner", choices=("process", "pool"), default="process")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="of a pool [2]")
    parser.add_argument(
        "--tolerance", type=float, default=1e-3, help="share by which a model may differ [0.001]"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print whether it came out equal."""
    from flows.options import checked, store_of
    from flows.session import executor
    from flows.stage_of import stage_of
    from flows.terminal.run_lines import Terminal
    from pipeline.run.rerun import rerun
    from pipeline.storage.references import References
    from schemas.runtime import Runtime

    store = store_of(given)
    ref = References(store).resolve(given.version)
    asked = {"store": store.uri, "runner": given.runner, "workers": given.workers}
    runtime = checked(Runtime, asked)
    with executor(runtime) as units, Terminal() as terminal:
        found = rerun(
            ref, store, stage_of, units, terminal, runtime=runtime, tolerance=given.tolerance
        )
    for line in _told(found):
        print(line)
    return 0 if found.equal else 1


def _told(found: Rerun) -> Iterator[str]:
    for change in found.changed[:_MOST]:
        yield f"  since it was made: {change}"
    if found.equal:
        bound = "" if found.tolerance is None else f" within {found.tolerance:g}"
        yield f"{found.ref}: equal{bound}, {found.shards} shards made again"
        return
    yield f"{found.ref}: not equal, {len(found.mismatches)} differences"
    for each in found.mismatches[:_MOST]:
        yield f"  shard {each.shard}, {each.what}: {each.before[:16]} -> {each.now[:16]}"
