"""What others may read that is secret, and where they may write what we would run or believe."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flows.doctor.finding import Finding
from flows.door.server import HOME_VARIABLE
from pipeline.run.keys import CHECKOUT
from pipeline.store import Store
from ray_jobs.ray_token import is_private, token_file

PASSWORD = re.compile(rb"AUTH_STRING|API_KEY")
AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")


def readable_secrets() -> Iterator[Finding]:
    """Files with a token or a password that others may read."""
    token = token_file()
    if not is_private(token):
        yield _readable(token, "whoever has it can run code on the cluster")
    home = Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".prefect")
    password, profiles = home / "penstock-password", home / "profiles.toml"
    if not is_private(password):
        yield _readable(password, "whoever has it can start runs")
    if not is_private(profiles) and PASSWORD.search(profiles.read_bytes()):
        yield _readable(profiles, "it holds a password of a Prefect server")
    keys = Path(os.environ.get("GOOGLE_APPLICATION_CREDENTIALS") or os.devnull)
    if keys.is_file() and not is_private(keys):
        yield _readable(keys, "it opens the object store")


def open_code() -> Iterator[Finding]:
    """Folders that others may write into and that we run code from, and whom we believe by TLS."""
    for folder in dict.fromkeys((str(CHECKOUT), *filter(None, sys.path))):
        if others_write(Path(folder)):
            yield _writable(Path(folder), "Python runs what they put there")
    for name in AUTHORITIES:
        named = Path(os.environ.get(name) or os.devnull)
        if named.resolve() != Path(os.devnull) and others_write(named):
            yield _writable(named, f"{name} names it, so they choose whom we believe")


def open_store(store: Store) -> Iterator[Finding]:
    """Folders of a store that others may write into."""
    parts = urlsplit(store.uri)
    root = Path(parts.path)
    if parts.scheme != "file" or not root.is_dir():
        return
    open_to_others = [each for each in (root, *_folders(root)) if others_write(each)]
    if open_to_others:
        more = f" and {len(open_to_others) - 1} folders more" if len(open_to_others) > 1 else ""
        said = f"others may write into {open_to_others[0]}{more}, and change what is trained on"
        yield Finding("unsafe", said, partial(_closed, open_to_others))


def others_write(path: Path) -> bool:
    """Whether another user may write there, by the file's mode; owner and root always may."""
    try:
        found = path.stat()
    except OSError:
        return False
    everybody, group = found.st_mode & stat.S_IWOTH, found.st_mode & stat.S_IWGRP
    return bool(everybody or (group and _shared(found.st_gid, found.st_uid)))


def _shared(group: int, owner: int) -> bool:
    """Whether somebody else than the owner is in a group; a user's own group is usual."""
    try:
        name = pwd.getpwuid(owner).pw_name
        others = set(grp.getgrgid(group).gr_mem) - {name}
    except KeyError:
        return False  # of another machine: nobody here is in it
    return bool(others) or any(
        each.pw_gid == group and each.pw_uid not in (owner, 0) for each in pwd.getpwall()
    )


def _folders(root: Path) -> Iterator[Path]:
    """The first two levels: stages, and below them what is made once for each key."""
    for folder in (each for each in root.iterdir() if each.is_dir()):
        yield folder
        yield from (each for each in folder.iterdir() if each.is_dir())


def _readable(path: Path, why: str) -> Finding:
    return Finding("unsafe", f"{path} can be read by others: {why}", partial(_made_private, path))


def _writable(path: Path, why: str) -> Finding:
    return Finding("unsafe", f"others may write into {path}: {why}. chmod go-w {path}")


def _made_private(path: Path) -> str:
    path.chmod(0o600)
    return "made private"


def _closed(folders: list[Path]) -> str:
    for each in folders:
        each.chmod(stat.S_IMODE(each.stat().st_mode) & ~(stat.S_IWGRP | stat.S_IWOTH))
    return "closed to them"
