"""The command line `penstock`: finds the command, and turns errors into sentences.

Exit codes: 0 done, 1 an error that the message explains, 2 the command line is wrong,
3 the plan has something to make (`plan --check`), 130 Ctrl-C, 143 ended by SIGTERM.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import sys
from types import FrameType, ModuleType

import flows.commands
from pipeline.garbage import seek_garbage_seldom

DESCRIPTION = """\
Web pages to language models, as one versioned DAG.

  penstock init http://127.0.0.1:8000/ my.toml    write a first recipe for your own pages
  penstock plan my.toml                           what a run would do, and why
  penstock run my.toml                            crawl, clean, deduplicate, tokenize, train, score
  penstock trace my.toml URL                      a document's story
"""


def main(words: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    seek_garbage_seldom()
    parser = argparse.ArgumentParser(
        prog="penstock",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="`penstock COMMAND --help` shows a command with examples.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    for name in sorted(found.name for found in pkgutil.iter_modules(flows.commands.__path__)):
        _add(commands, name, importlib.import_module(f"flows.commands.{name}"))
    given = parser.parse_args(sys.argv[1:] if words is None else words)
    if given.command is None:
        parser.print_help(sys.stderr)
        return 2
    return _guarded(given)


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, module: ModuleType
) -> None:
    """Add one command: its docstring is its help, `EXAMPLES` its examples."""
    first, _, rest = (module.__doc__ or "").partition("\n")
    parser = commands.add_parser(
        name.replace("_", "-"),
        help=first.rstrip("."),
        description=f"{first}\n{rest}",
        epilog=f"examples:\n{module.EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.arguments(parser)
    parser.set_defaults(run=module.run)


def _guarded(given: argparse.Namespace) -> int:
    from flows.ending.dropped import sent_again
    from flows.ending.last_words import begin, say, say_stopped
    from pipeline.errors import Interrupted, PipelineError
    from pipeline.pandas_aside import leave_pandas_aside
    from pipeline.run.numba_cache import use_numba_cache
    from pipeline.versions.errors import VersionError

    use_numba_cache()
    leave_pandas_aside()
    begin()
    signal.signal(signal.SIGTERM, _end)
    try:
        with sent_again({KeyboardInterrupt: signal.SIGINT, _Terminated: signal.SIGTERM}):
            return int(given.run(given))
    except Interrupted as error:  # a job, which knows what it leaves
        say(str(error))
        return 128 + signal.SIGINT
    except KeyboardInterrupt:
        say_stopped(signal.SIGINT)
        return 128 + signal.SIGINT
    except _Terminated:
        say_stopped(signal.SIGTERM)
        return 128 + signal.SIGTERM
    except (PipelineError, VersionError) as error:
        print(f"penstock: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


class _Terminated(BaseException):
    """SIGTERM came; it leaves by the same way as an error, so that workers are let go.

    No SystemExit: of one that comes while its compiled code waits, Ray makes exit code 1.
    """


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated


if __name__ == "__main__":
    sys.exit(main())
