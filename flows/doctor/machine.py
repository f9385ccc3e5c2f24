"""This machine beside what Penstock needs of it: unsafe settings, space, packages."""

from __future__ import annotations

import os
import platform
import shutil
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.doctor.finding import Finding
from flows.door.server import is_loopback, schedules_fail
from pipeline.run.keys import CHECKOUT
from pipeline.store import Store
from ray_jobs.ray_token import is_private, token_file

LEAST_BYTES = 2 * 2**30  # a model's checkpoint and a shard fit
ANSWER_SECONDS = 5.0
PICKLES = "RAY_DATA_AUTOLOAD_CLOUDPICKLE_TENSOR_METADATA"  # runs code that a Parquet file brings
TELLS = {"RAY_USAGE_STATS_ENABLED": ("1",), "DO_NOT_TRACK": ("0", "false")}


def unsafe_settings() -> Iterator[Finding]:
    """What lets others in, or tells others."""
    if os.environ.get(PICKLES, "0") not in ("", "0"):
        yield Finding("unsafe", f"{PICKLES} is set: a file from outside could run code. Unset it.")
    for name, telling in TELLS.items():
        if os.environ.get(name, "").lower() in telling:
            yield Finding("unsafe", f"{name}={os.environ[name]}: telemetry is on. Unset it.")
    token = token_file()
    if not is_private(token):
        said = f"{token} can be read by others: whoever has it can run code on the cluster"
        yield Finding("unsafe", said, lambda: _made_private(token))


def unsafe_server(api: str) -> Iterator[Finding]:
    """A server that strangers can use, or that tells its maker."""
    host = urlsplit(api).hostname or ""
    open_to_all = _answers(f"{api}/admin/version")
    if open_to_all and not is_loopback(host):
        said = f"{api} asks for no password, and {host} can be reached by others"
        yield Finding("unsafe", f"{said}. Serve with --secure.")
    if open_to_all and b'"analytics_enabled":true' in _read(f"{api}/admin/settings"):
        said = "the server sends telemetry: set PREFECT_SERVER_ANALYTICS_ENABLED=false"
        yield Finding("unsafe", said)


def space(store: Store) -> Iterator[Finding]:
    """Too little of it for what a store will get."""
    parts = urlsplit(store.uri)
    folder = Path(parts.path)
    if parts.scheme == "file" and folder.exists():
        free = shutil.disk_usage(folder).free
        if free < LEAST_BYTES:
            said = f"{folder} has {free / 2**30:.1f} GiB left: `penstock gc` makes room"
            yield Finding("space", said)


def packages() -> Iterator[Finding]:
    """A Python or a package that Penstock was not made for."""
    asked, python = _asked()
    if platform.python_version() not in SpecifierSet(python):
        yield Finding("package", f"Python is {platform.python_version()}, not {python}")
    for text in asked:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield Finding("package", f"{wanted.name} is not installed; {wanted} is needed")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield Finding("package", f"{wanted.name} is {found}, not {wanted.specifier}")
    if schedules_fail():
        yield Finding("package", schedules_fail())


def _asked() -> tuple[list[str], str]:
    """The packages and the Python that this checkout asks for, or the installed package."""
    path = CHECKOUT / "pyproject.toml"
    if path.exists():
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return project["dependencies"], project["requires-python"]
    return requires("penstock") or [], ">=3.11,<3.14"


def _answers(url: str) -> bool:
    """Whether it answers without a password."""
    return bool(_read(url))


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            content: bytes = answer.read()
            return content.replace(b" ", b"")
    except (OSError, ValueError):
        return b""


def _made_private(path: Path) -> str:
    path.chmod(0o600)
    return "made private"
