"""Where a Ray of ours keeps its sessions: sockets, logs and spilled objects, for nobody else.

Ray opens its own folder, /tmp/ray, to everybody: any user of the machine could read the logs there,
and put other files in their place. Ours lies in a folder that only its owner may enter.
"""

import os
import stat
import sys
from pathlib import Path

from ray_jobs.errors import ForeignFolder
from ray_jobs.ray_token import OTHERS

VARIABLE = "RAY_TMPDIR"


def private_folder() -> Path:
    """The folder around the sessions. Short: a socket's path has 107 bytes at most."""
    named = os.environ.get(VARIABLE) or (sys.platform == "linux" and os.environ.get("TMPDIR"))
    return Path(named or "/tmp").absolute() / f"penstock-{os.getuid()}"


def sessions() -> Path:
    """The folder of the sessions, made where it is not there.

    Raises:
        ForeignFolder: somebody else has made the folder around it, or may enter it.
    """
    private = private_folder()
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & OTHERS:
        raise ForeignFolder(private, variable=VARIABLE)
    return private / "ray"
