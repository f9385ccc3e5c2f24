"""List the versions that a package, a rule or old code had a part in, and what follows from them.

A package as pip writes it, with bounds: its versions stand in each version's key. A rule by its
name. A commit: versions that code before it made; where a run did not note its commit, or that is
not in this checkout, its time counts. Exit code 0 where there is any, 3 where there is none.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index
    from schemas.artifact import ArtifactRef

NONE_FOUND = 3
EXAMPLES = """\
  penstock affected --package 'tokenizers>=0.22'
  penstock affected --package 'pyarrow==26.0.1' --json
  penstock affected --rule word_count
  penstock affected --before 3bf2fec
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--package", metavar="PACKAGE", help="with bounds: 'tokenizers>=0.22'")
    asked.add_argument("--rule", metavar="NAME", help="of a policy, or a reason: near, removed")
    asked.add_argument("--before", metavar="COMMIT", help="made by code from before it")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the versions."""
    import json

    from rich.text import Text

    from flows.lineage.asked_about import opened
    from flows.terminal.console import console as wide_enough
    from flows.terminal.tables import table
    from pipeline.lineage.affected import with_descendants

    index = opened(given)
    found = with_descendants(index, _found(given, index))
    if given.json:
        plain = [
            {"version": f"{e.ref.stage}@{e.ref.key}", "names": list(e.names), "why": e.why}
            for e in found
        ]
        print(json.dumps({"affected": plain}, indent=1))
        return 0 if found else NONE_FOUND
    shown = table("version", "why", "names")
    for each in found:
        why = Text(each.why) if each.why else Text("follows from these", "dim")
        shown.add_row(Text(str(each.ref)), why, Text(" ".join(each.names[:4])))
    direct = sum(bool(each.why) for each in found)
    print(f"{direct:,} versions, and {len(found) - direct:,} that follow from them")
    if found:
        wide_enough().print(shown, soft_wrap=True)
    return 0 if found else NONE_FOUND


def _found(given: argparse.Namespace, index: Index) -> dict[ArtifactRef, str]:
    from flows.lineage.made_before import made_before
    from pipeline.lineage.affected import by_package, by_rule

    if given.package is not None:
        return by_package(index, given.package)
    if given.rule is not None:
        return by_rule(index, given.rule)
    return made_before(index, given.before)
