"""Say what a run would do with each stage, and why; nothing is made.

A stage is reused, or to make, and then why; or its key is known only after an earlier stage.
Nothing is written, not even a store where there is none yet.
"""

import argparse

from flows.options import add_wishes, session_of

EXAMPLES = """\
  penstock plan my.toml
  penstock plan my.toml --refresh
  penstock plan my.toml --check       exit code 3 if there is something to make
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_wishes(parser)
    parser.add_argument("--check", action="store_true", help="exit code 3 if there is work")


def run(given: argparse.Namespace) -> int:
    """Print the plan."""
    from flows.terminal.console import console as wide_enough
    from flows.terminal.run_lines import plan_table

    planner = session_of(given, "look").plan()
    console = wide_enough()
    console.print(plan_table(planner.rows))
    work = [row for row in planner.rows if row.state != "reused"]
    if not work:
        console.print("\nNothing to make: everything is there.")
    return 3 if work and given.check else 0
