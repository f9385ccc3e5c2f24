"""Make what a recipe asks for, and take as it is what the store has.

Runs the Prefect flows `corpus` and `model`: against PREFECT_API_URL where it is set, else with
Prefect's own ephemeral server. Where there is nothing to make, Prefect is not even started.
A server that is named is told of a corpus that became `@latest`, so that training can start by it.
Ctrl-C keeps the shards that are finished; the same command goes on from there.
"""

import argparse
from contextlib import nullcontext

from flows.options import add_runtime, add_wishes, session_of

EXAMPLES = """\
  penstock run my.toml
  penstock run my.toml --refresh               a new window: look at the sources again
  penstock run my.toml --to corpus --limit 1000
  penstock run my.toml --runner ray --workers 8
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_wishes(parser)
    add_runtime(parser)


def run(given: argparse.Namespace) -> int:
    """Run the recipe."""
    from flows.door.told_by_command import telling_of_latest
    from flows.results.show import show_results
    from flows.start import run_here, run_under_prefect
    from flows.terminal.run_lines import Terminal

    session = session_of(given, "make")
    planner = session.plan()
    terminal = Terminal(session.store)
    if planner.makes_nothing:
        terminal.console.print(f"Nothing to make: all {len(planner.rows)} stages are there.")
        with terminal:
            runner = run_here(session, terminal)
    else:
        with terminal:
            runner = (run_here if given.no_prefect else run_under_prefect)(session, terminal)
    told = nullcontext() if given.no_prefect else telling_of_latest(session)
    with told:
        held = session.gate(runner)
    for reason in held:
        terminal.console.print(f"[yellow]@latest stays where it was: {reason}.[/]")
    if not session.asked.only:  # a stage alone has nothing to show but its line
        show_results(session, runner, terminal.console)
    return 0
