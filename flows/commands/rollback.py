"""Point a moving name back to the version that it named before the present one.

Where PREFECT_API_URL names a server, it is told of a corpus as `penstock promote` tells it.
"""

from __future__ import annotations

import argparse

from flows.naming import add_move, name_of, who_of

EXAMPLES = """\
  penstock rollback corpus/web@prod --why "the new pages are mostly menus"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("name", help="the moving name, corpus/web@prod")
    add_move(parser)


def run(given: argparse.Namespace) -> int:
    """Move the name back."""
    from flows.door.told_by_command import tell_promoted
    from flows.options import store_of
    from pipeline.errors import MissingArtifact
    from pipeline.storage.references import References

    store = store_of(given)
    references = References(store)
    stage, name, tag = name_of(given.name)
    if references.tag(stage, name, tag).newest() is None:
        raise MissingArtifact(given.name, where=store.uri)
    found = references.rollback(stage, name, tag, who=who_of(given), why=given.why)
    print(f"{given.name} is {found.ref} again")
    tell_promoted(store, name, tag, found.ref)
    return 0
