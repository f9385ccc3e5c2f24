"""Where numba keeps compiled kernels: a folder per state of the code that machine code comes from.

Numba's cache notices a changed file, but not a changed function or constant that the file takes
from elsewhere, and would serve stale machine code. A kernel is compiled from its own file and from
what that file imports of ours, however indirectly: those decide the folder, and an edit anywhere
else leaves the kernels as they are.
"""

import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.cache_folder import cache_folder, kernel_folders
from pipeline.kept_files import read_kept, write_kept
from pipeline.run.keys import CHECKOUT

COMPILES = re.compile(r"^(?:import|from) numba\b|^from pipeline\.compiling import\b", re.MULTILINE)
FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|.*)", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*import[ \t]+(.*)", re.MULTILINE)
NAME, DOTTED = re.compile(r"\w+"), re.compile(r"[\w.]+")
OURS = ("pipeline", "schemas")
MOST_FILES = 1024  # of 48 bytes
COARSE = 3  # seconds: the times of files on some disks are even ones


def use_numba_cache() -> None:
    """Point numba at the folder of today's kernels; before numba is imported."""
    os.environ["NUMBA_CACHE_DIR"] = str(kernel_folders() / _state())


@cache
def _state() -> str:
    """The state of the code; remembered, since reading all of it takes a tenth of a second."""
    stamps, newest = _stamps()
    path = cache_folder() / "states" / hashlib.sha256(stamps.encode()).hexdigest()
    known = read_kept(path)
    if known is None:
        known = _read_state().encode()
        if abs(time.time() - newest) > COARSE:  # else the next edit may bear the same times
            write_kept(path, known, most=MOST_FILES)
    return known.decode()


def _stamps() -> tuple[str, float]:
    """Of every file that may count its place, size and times; and the newest of these times.

    A file's own time can be set, by an archive say; not the time of the change.
    """
    found, newest = [sys.version, version("numba")], 0.0
    folders = (each for package in OURS for each in os.walk(CHECKOUT / package))
    for path in sorted(Path(folder, name) for folder, _, names in folders for name in names):
        if path.suffix == ".py":
            is_ = path.stat()
            found.append(f"{path} {is_.st_size} {is_.st_mtime_ns} {is_.st_ctime_ns}")
            newest = max(newest, is_.st_mtime, is_.st_ctime)
    return "\n".join(found), newest


def _read_state() -> str:
    state = hashlib.sha256(version("numba").encode())
    for path in kernel_files():
        state.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def kernel_files() -> list[Path]:
    """The files that compile something, and every file of ours that they import."""
    every = (CHECKOUT / "pipeline").rglob("*.py")
    left = [path for path in every if COMPILES.search(path.read_text(encoding="utf-8"))]
    found = set(left)
    while left:
        new = set(_loaded_by(left.pop())) - found
        found |= new
        left += new
    return sorted(found)


def _loaded_by(path: Path) -> Iterator[Path]:
    """The files of ours that are run when this one is imported."""
    packages = ".".join(path.relative_to(CHECKOUT).parent.parts)
    for name in (packages, *_imported(path.read_text(encoding="utf-8"))):
        if name.split(".")[0] in OURS:
            yield from _files(CHECKOUT, name)


@cache
def _files(checkout: Path, name: str) -> tuple[Path, ...]:
    """The files of a module and of the packages around it, as far as there are any."""
    module = Path(*name.split("."))
    places = [checkout / each for each in (module, *module.parents)]
    files = [file for each in places for file in (each.with_suffix(".py"), each / "__init__.py")]
    return tuple(file for file in files if file.is_file())


def _imported(text: str) -> Iterator[str]:
    """Each module that a source imports, and each name in one, which may be a module as well.

    Found by pattern, for parsing would take half a second of each process. A text that only looks
    like an import, in a docstring, may be among them.
    """
    for module, names in FROM.findall(text):
        yield module
        yield from (f"{module}.{name}" for name in NAME.findall(names))
    for names in IMPORT.findall(text):
        yield from DOTTED.findall(names)
