"""The checkout whose code is at work: its commit, and its remote as others may read it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from pipeline.lineage.openlineage import SourceCode

CHECKOUT = Path(__file__).parents[2]
DIRTY = "+"  # behind a commit: files were edited since
GIT_SECONDS = 20
NO_GIT = (OSError, subprocess.SubprocessError)  # installed without its history, or no git
_SCP = re.compile(r"^(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!//)(.+)$")  # git@host:group/name.git


def code_commit(checkout: Path = CHECKOUT) -> str:
    """The commit of a checkout, with a + where its files are others now; "" without one."""
    if not (checkout / ".git").exists():
        return ""  # it may lie in somebody else's
    try:
        commit = git("rev-parse", "HEAD", checkout=checkout)
        edited = git("status", "--porcelain", "--untracked-files=no", checkout=checkout)
    except NO_GIT:
        return ""
    return commit + (DIRTY if edited else "")


def source_code(checkout: Path = CHECKOUT) -> SourceCode | None:
    """The remote without credentials, and the commit; None outside a checkout or without git."""
    commit = code_commit(checkout)
    if not commit:
        return None
    try:
        remote = git("config", "--get", "remote.origin.url", checkout=checkout)
    except NO_GIT:
        remote = ""
    return SourceCode(address(remote) or checkout.as_uri(), commit)


def address(remote: str) -> str:
    """A remote as a URI, without user name and password; "" for a folder of this machine."""
    if "://" in remote:
        scheme, _, rest = remote.partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
    found = _SCP.match(remote)
    return f"ssh://{found[1]}/{found[2]}" if found else ""


def git(*words: str, checkout: Path = CHECKOUT) -> str:
    """What git says.

    Raises:
        OSError, subprocess.SubprocessError: it is not there, or says no.
    """
    done = subprocess.run(
        ["git", "-C", str(checkout), *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=GIT_SECONDS,
    )
    return done.stdout.strip()
