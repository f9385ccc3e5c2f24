"""Where the code that runs is kept: the checkout's remote and commit, if it is a checkout."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from pipeline.lineage.openlineage import SourceCode

CHECKOUT = Path(__file__).parents[1]
_SCP = re.compile(r"^(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!//)(.+)$")  # git@host:group/name.git


def source_code(checkout: Path = CHECKOUT) -> SourceCode | None:
    """The remote without credentials, and the commit; None outside a checkout or without git."""
    if not (checkout / ".git").exists():
        return None
    commit = _git(checkout, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    if not commit:
        return None
    remote = _git(checkout, "config", "--get", "remote.origin.url")
    return SourceCode(address(remote) or checkout.as_uri(), commit)


def address(remote: str) -> str:
    """A remote as a URI, without user name and password; "" for a folder of this machine."""
    if "://" in remote:
        scheme, _, rest = remote.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
    found = _SCP.match(remote)
    return f"ssh://{found[1]}/{found[2]}" if found else ""


def _git(checkout: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *words],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
