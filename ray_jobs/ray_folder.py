"""Where a Ray of ours keeps its sessions: sockets, logs and spilled objects, for nobody else.

Ray opens its own folder, /tmp/ray, to everybody: any user of the machine could read the logs there,
and put other files in their place. Ours lies in a folder that only its owner may enter.
"""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from ray_jobs.errors import ForeignFolder, LongFolder
from ray_jobs.ray_token import OTHERS

VARIABLE = "RAY_TMPDIR"
# What Ray puts below the folder that it is given: a session's name, with a process's number of up
# to 7 digits (see `_init_temp` in ray/_private/node.py), and a socket in it.
SOCKET = f"session_2026-11-26_06-00-00_000000_{'0' * 7}/sockets/plasma_store"
MOST_BYTES = 107 if sys.platform == "linux" else 103  # of a socket's path


def private_folder() -> Path:
    """The folder around the sessions."""
    named = os.environ.get(VARIABLE) or (sys.platform == "linux" and os.environ.get("TMPDIR"))
    return Path(named or "/tmp").absolute() / f"penstock-{os.getuid()}"


def sessions() -> Path:
    """The folder of the sessions, made where it is not there.

    Raises:
        LongFolder: no socket could be made below it.
        ForeignFolder: somebody else has made the folder around it, or may enter it.
    """
    private = private_folder()
    folder = private / "ray"
    longer = len(os.fsencode(folder / SOCKET)) - MOST_BYTES
    if longer > 0:
        raise LongFolder(private.parent, longer=longer, variable=VARIABLE)
    with suppress(FileExistsError):  # what is there is looked at below, a folder or not
        private.mkdir(mode=0o700, parents=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & OTHERS:
        raise ForeignFolder(private, variable=VARIABLE)
    return folder
