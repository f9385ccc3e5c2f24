"""Make the windows of past days, for sources that can tell what was there then.

Files whose names hold a day can: `pages/{date}.jsonl` in the recipe means that a window takes the
files of days up to its own. The windows are those of the recipe's [schedule], or else midnight UTC
of each day. What is there is not made again, and `@latest` does not go back.
"""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.options import add_recipe, add_runtime, session_of

if TYPE_CHECKING:
    from flows.session import Session

EXAMPLES = """\
  penstock backfill news.toml 2026-11-01 2026-11-21
  penstock backfill news.toml 2026-11-01 2026-11-21 --reason "the files came late"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_recipe(parser)
    parser.add_argument("first", metavar="FROM", type=_day, help="2026-11-01")
    parser.add_argument("last", metavar="TO", type=_day, help="the last day, included")
    parser.add_argument("--reason", default="", help="why; written down with each run")
    parser.add_argument("--requested-by", default="", metavar="WHO", help="default: this user")
    add_runtime(parser)


def run(given: argparse.Namespace) -> int:
    """Make each window in turn."""
    from flows.door.schedule import last_moment, windows_between

    session = session_of(given, "make")
    check(session)
    windows = windows_between(session.recipe.schedule, given.first, last_moment(given.last))
    if not windows:
        print("No window of the recipe's schedule lies in that time.")
    for number, window in enumerate(windows, 1):
        print(f"{number}/{len(windows)}: {window}", flush=True)
        _fill(session, window, prefect=not given.no_prefect)
    return 0


def check(session: "Session") -> None:
    """Refuse where the source cannot tell what was there.

    Raises:
        CannotBackfill: with the reason.
    """
    from flows.errors import CannotBackfill

    source = session.recipe.pages.source
    reason = source.cannot_look_back()
    if reason:
        msg = (
            f"The source {source.kind()} of {session.recipe.name} cannot be backfilled: {reason}.\n"
            f"`penstock run --refresh` takes what is there now."
        )
        raise CannotBackfill(msg)


def _fill(session: "Session", window: str, *, prefect: bool) -> None:
    from flows.session import Session
    from flows.start import run_here, run_under_prefect
    from flows.terminal.run_lines import Terminal

    changes = {"refresh": True, "window": window, "backfill": True, "to": "corpus"}
    filled = Session(session.recipe, session.asked.model_copy(update=changes), session.runtime)
    nothing = filled.plan().makes_nothing
    terminal = Terminal(filled.store)
    with terminal:
        run_with = run_under_prefect if prefect and not nothing else run_here
        runner = run_with(filled, terminal)
    print(f"  {runner.ref('corpus')}{' was there' if nothing else ''}", flush=True)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        msg = f"{text!r} is no day: write 2026-11-01"
        raise argparse.ArgumentTypeError(msg) from error
