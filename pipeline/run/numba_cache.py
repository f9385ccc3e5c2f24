"""Where numba keeps compiled kernels: a folder per state of the code that machine code comes from.

Numba's cache notices a changed file, but not a changed function or constant that the file takes
from elsewhere, and would serve stale machine code. A kernel is compiled from its own file and from
what that file imports of ours, however indirectly: those decide the folder, and an edit anywhere
else leaves the kernels as they are.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipeline.run.keys import CHECKOUT

NAMES = r"(?:[^(\n]*|\([^)]*)"  # those of one import, in parentheses or not
COMPILES = re.compile(rf"^\s*(?:import|from) numba\b|^from [\w.]+ import {NAMES}\bcompiled\b", re.M)
IMPORTS = re.compile(
    rf"^\s*(?:import|from) (pipeline|schemas)\b([\w.]*)(?: import ({NAMES}))?", re.M
)


def use_numba_cache() -> None:
    """Point numba at the folder of today's kernels; before numba is imported."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ["NUMBA_CACHE_DIR"] = str(home / "penstock" / "numba" / _state())


@cache
def _state() -> str:
    state = hashlib.sha256()
    for path in kernel_files():
        state.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def kernel_files() -> list[Path]:
    """The files that compile something, and every file of ours that they import."""
    every = (CHECKOUT / "pipeline").rglob("*.py")
    left = [path for path in every if COMPILES.search(path.read_text(encoding="utf-8"))]
    found = set(left)
    while left:
        new = set(_imported(left.pop())) - found
        found |= new
        left += new
    return sorted(found)


def _imported(path: Path) -> Iterator[Path]:
    """What a file imports of ours: modules, packages, names in one; and its own packages."""
    yield from (each / "__init__.py" for each in path.parents if (each / "__init__.py").is_file())
    for package, rest, names in IMPORTS.findall(path.read_text(encoding="utf-8")):
        module = CHECKOUT.joinpath(package, *rest.split(".")[1:])
        within = [module / name for name in re.findall(r"\w+", names)]
        for each in (module, *within, *module.parents):
            if each.is_relative_to(CHECKOUT):
                yield from (
                    file
                    for file in (each.with_suffix(".py"), each / "__init__.py")
                    if file.is_file()
                )
