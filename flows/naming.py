"""Options of the commands that move a name."""

from __future__ import annotations

import argparse

from flows.options import add_store


def add_move(parser: argparse.ArgumentParser) -> None:
    """Who moves it, and why; both are written down."""
    parser.add_argument("--why", required=True, metavar="REASON", help="written down with it")
    parser.add_argument("--who", default="", help="default: this user")
    add_store(parser)


def who_of(given: argparse.Namespace) -> str:
    """Who asks."""
    import getpass

    return given.who or getpass.getuser()


def name_of(text: str) -> tuple[str, str, str]:
    """Stage, recipe and moving name in `corpus/web@prod`.

    Raises:
        BadRecipe: it is none.
    """
    import re

    from pipeline.errors import BadRecipe

    found = re.fullmatch(r"([a-z_]+(?:\.[a-z_]+)*)/([a-z0-9][a-z0-9_-]*)@([a-z][a-z0-9_-]*)", text)
    if not found:
        msg = f"{text!r} is no moving name: write one such as corpus/web@prod."
        raise BadRecipe(msg)
    stage, name, tag = found.groups()
    return stage, name, tag
