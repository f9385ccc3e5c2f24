"""Source files as this process has imported them, and as they are now.

A run that takes hours outlives edits of its code. Its keys are those of the code that it began
with; whoever makes a unit sees, before it is committed, that the files still say the same.
"""

import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
_noted: set[str] = set()
_contents: dict[str, bytes] = {}  # by real path, as first seen

Mark = tuple[int, int, int, int]


def as_imported(path: Path) -> bytes:
    """The content of a source file when this process first looked at it."""
    place = os.path.realpath(path)
    if place not in _contents:
        _contents[place] = path.read_bytes()
    return _contents[place]


def note_imported() -> None:
    """Look at every module that is imported by now, but for those that are installed."""
    for name in set(sys.modules) - _noted:
        _noted.add(name)
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and file.endswith(".py") and not file.startswith(_INSTALLED):
            with suppress(OSError):  # its file is gone: nothing that can be fingerprinted
                as_imported(Path(file))


def mark(path: Path) -> Mark | None:
    """What changes when a file is written anew; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
