"""Point a moving name, such as `corpus/web@prod`, to a version; who and why are written down.

Where PREFECT_API_URL names a server, it is told of a corpus, also where the name points there
already: the automation that trains on each corpus that is promoted starts by it.
"""

from __future__ import annotations

import argparse

from flows.naming import add_move, name_of, who_of

EXAMPLES = """\
  penstock promote corpus/web@2026-11-22.1 corpus/web@prod --why "checked by hand"
  penstock promote model/web@latest model/web@prod --why "best validation loss so far"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("version", help="what the name shall mean")
    parser.add_argument("name", help="the moving name, corpus/web@prod")
    add_move(parser)


def run(given: argparse.Namespace) -> int:
    """Move the name."""
    from flows.door.told_by_command import tell_promoted
    from flows.options import store_of
    from pipeline.errors import BadRecipe
    from pipeline.storage.references import References

    store = store_of(given)
    references = References(store)
    stage, name, tag = name_of(given.name)
    ref = store.open(references.resolve(given.version)).ref
    if ref.stage != stage:
        msg = f"{given.version} is a version of {ref.stage}, and {given.name} names one of {stage}."
        raise BadRecipe(msg)
    references.move(name, tag, ref, who=who_of(given), why=given.why)
    print(f"{given.name} is {ref}")
    tell_promoted(store, name, tag, ref)
    return 0
