"""This machine beside what Penstock needs of it: its Prefect server, space, packages."""

from __future__ import annotations

import platform
import shutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from flows.doctor.asking import told
from flows.doctor.finding import Finding
from flows.door.server import listen, schedules_fail
from pipeline.loopback import is_loopback
from pipeline.run.keys import CHECKOUT
from pipeline.storage.nearby import VARIABLE as SCRATCH
from pipeline.storage.nearby import Nearby
from pipeline.storage.places import is_far
from pipeline.store import Store
from ray_jobs.ray_folder import VARIABLE as RAY_FOLDER
from ray_jobs.ray_folder import private_folder

GIB = 2**30
LEAST_BYTES = 2 * GIB  # a model's checkpoint and a shard fit
LEAST_RAY_BYTES = GIB  # its logs, and objects that do not fit into memory
TELLING = b'"analytics_enabled":true'
GC = "`penstock gc` makes room"
# What was wrong before a version, where it was put right.
MENDED = {
    "ray": (
        ("2.52", "it asks nobody for a token, and a web page can run code in it (CVE-2025-62593)"),
        ("2.54", "a web page can end its jobs (CVE-2026-27482)"),
        ("2.55", "a Parquet file from outside can run code (CVE-2026-41486)"),
    ),
    "torch": (("2.6", "a checkpoint can run code, weights_only or not (CVE-2025-32434)"),),
    "brotli": (("1.2", "a page that is packed can fill the memory (CVE-2025-6176)"),),
}


def unsafe_server(api: str) -> Iterator[Finding]:
    """A server elsewhere that strangers can use, or one that tells its maker."""
    host = urlsplit(api).hostname or ""
    open_to_all = bool(told(f"{api}/admin/version"))
    if open_to_all and not _is_here(host):  # of this machine's, doctor/ports.py looks at each
        said = f"{api} asks for no password, and {host} can be reached by others"
        yield Finding("unsafe", f"{said}. Serve with --secure.")
    if open_to_all and TELLING in told(f"{api}/admin/settings").replace(b" ", b""):
        said = "the server sends telemetry: set PREFECT_SERVER_ANALYTICS_ENABLED=false"
        yield Finding("unsafe", said)


def space(store: Store) -> Iterator[Finding]:
    """Too little of it for what a store will get, or for what is made on the way to one."""
    parts = urlsplit(store.uri)
    if parts.scheme == "file":
        yield from _little(Path(parts.path), LEAST_BYTES, "a shard and a checkpoint there", GC)
    if is_far(store.uri):
        remedy = f"Make room, or point {SCRATCH} to a larger disk"
        near = Nearby(store.uri).root
        yield from _little(near, LEAST_BYTES, "a shard and a checkpoint there", remedy)


def space_for_ray() -> Iterator[Finding]:
    """Too little of it for the sessions of a Ray of ours."""
    remedy = f"Make room, or point {RAY_FOLDER} to a larger disk"
    yield from _little(private_folder(), LEAST_RAY_BYTES, "Ray's logs and objects there", remedy)


def _little(folder: Path, needed: int, what_for: str, remedy: str) -> Iterator[Finding]:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        said = f"{folder} has {free / GIB:.1f} GiB left; {needed / GIB:.0f} GiB are needed for"
        yield Finding("space", f"{said} {what_for}. {remedy}.")


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
            said = f"{wanted.name} is {found}, not {wanted.specifier}"
            yield Finding("package", "; ".join((said, *_faults(wanted.name, found))))
    if schedules_fail():
        yield Finding("package", schedules_fail())


def _faults(name: str, found: str) -> list[str]:
    """What is known to be wrong with a version."""
    return [fault for since, fault in MENDED.get(name, ()) if Version(found) < Version(since)]


def _is_here(host: str) -> bool:
    """Whether an address is one of this machine's."""
    if is_loopback(host):
        return True
    try:
        listen(host, 0).close()
    except OSError:
        return False
    return True


def _asked() -> tuple[list[str], str]:
    """The packages and the Python that this checkout asks for, or the installed package."""
    path = CHECKOUT / "pyproject.toml"
    if path.exists():
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return project["dependencies"], project["requires-python"]
    return requires("penstock") or [], ">=3.11,<3.14"
