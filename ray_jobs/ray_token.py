"""The token without which nobody talks to a Ray of ours, in a file for nobody else to read.

`ray.init` makes one where there is none, and every user of the machine can read that file; whoever
has the token can run code in our workers (CVE-2023-48022 is Ray without one).
"""

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def token_file() -> Path:
    """Where Ray reads the token."""
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    return Path(named) if named else Path.home() / ".ray" / "auth_token"


def is_private(path: Path) -> bool:
    """Whether nobody else can read a file, or it is not there."""
    return not path.exists() or not path.stat().st_mode & OTHERS


def keep_token_private() -> None:
    """See to it that there is a token, and that nobody else can read it."""
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        number, made = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(number, "w") as file:
                file.write(secrets.token_hex(32))
            path.hardlink_to(made)  # whole or not at all; somebody else's stays
        except OSError:
            if not path.exists():  # a place without hard links
                Path(made).replace(path)
        finally:
            Path(made).unlink(missing_ok=True)
    if not is_private(path) and path.stat().st_uid == os.getuid():
        with suppress(OSError):  # a mounted secret: whoever mounts it says who reads it
            path.chmod(0o600)
