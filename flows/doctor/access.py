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
        if _others_write(Path(folder)):
            yield _writable(Path(folder), "Python runs what they put there")
    for name in AUTHORITIES:
        named = Path(os.environ.get(name) or os.devnull)
        if named.resolve() != Path(os.devnull) and _others_write(named):
            yield _writable(named, f"{name} names it, so they choose whom we believe")


def open_store(store: Store) -> Iterator[Finding]:
    """Folders of a store that others may write into.

    A group that was let in on purpose is none of them: its folders are setgid (2775), for what is
    made in others has the group of whoever makes it, and the team could not go on with it.
    """
    parts = urlsplit(store.uri)
    root = Path(parts.path)
    if parts.scheme != "file" or not root.is_dir():
        return
    folders = [root, *_folders(root)]
    everybodys = [each for each in folders if everybody_writes(each)]
    if everybodys:
        said = f"others may write into {_several(everybodys)}, and change what is trained on"
        yield Finding("unsafe", said, partial(_closed, everybodys))
    groups = [each for each in folders if group_writes(each) and not _is_setgid(each)]
    if groups:
        said = f"others of the group {groups[0].group()} may write into {_several(groups)}"
        remedy = "If that is meant, chmod g+s there; else chmod g-w"
        yield Finding("unsafe", f"{said}, and change what is trained on. {remedy}.")


def everybody_writes(path: Path) -> bool:
    """Whether every user may write there, by the file's mode."""
    found = _found(path)
    return bool(found and found.st_mode & stat.S_IWOTH)


def group_writes(path: Path) -> bool:
    """Whether others may write there because they are in the file's group."""
    found = _found(path)
    return bool(found and found.st_mode & stat.S_IWGRP and _shared(found.st_gid, found.st_uid))


def _found(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None  # it is not there, or nobody like us gets there


def _is_setgid(path: Path) -> bool:
    found = _found(path)
    return bool(found and found.st_mode & stat.S_ISGID)


def _others_write(path: Path) -> bool:
    return everybody_writes(path) or group_writes(path)


def _shared(group: int, owner: int) -> bool:
    """Whether somebody is in a group beside its usual only member, the owner, and root."""
    try:
        name = pwd.getpwuid(owner).pw_name
        others = set(grp.getgrgid(group).gr_mem) - {name, "root"}
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


def _several(folders: list[Path]) -> str:
    return f"{folders[0]}" + (f" and {len(folders) - 1} folders more" if folders[1:] else "")


def _readable(path: Path, why: str) -> Finding:
    return Finding("unsafe", f"{path} can be read by others: {why}", partial(_made_private, path))


def _writable(path: Path, why: str) -> Finding:
    return Finding("unsafe", f"others may write into {path}: {why}. chmod go-w {path}")


def _made_private(path: Path) -> str:
    path.chmod(0o600)
    return "made private"


def _closed(folders: list[Path]) -> str:
    for each in folders:
        each.chmod(stat.S_IMODE(each.stat().st_mode) & ~stat.S_IWOTH)
    return "closed to them"
