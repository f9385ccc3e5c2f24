"""Tables that take a while to make, kept from process to process.

A table of all characters, or of what a package has learnt, costs a tenth of a second and more of
every process that looks something up in it. What comes out depends on the code that makes it, on
packages and on Python: they name the file that it is kept in.
"""

import hashlib
import io
import sys
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np

from pipeline.cache_folder import cache_folder
from pipeline.kept_files import read_kept, write_kept

P = ParamSpec("P")
Arrays = tuple[np.ndarray[Any, Any], ...]

MOST_FILES = 64  # of some megabytes


def source_of(file: str) -> str:
    """A hash of a source file, to be taken while it is imported: an edit comes after it."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def kept(
    *sources: str, packages: tuple[str, ...] = ()
) -> Callable[[Callable[P, Arrays]], Callable[P, Arrays]]:
    """Make arrays once for each of the function's arguments, and keep them in the user's cache.

    The arrays cannot be written to.

    Args:
        sources: `source_of` every file of ours that decides what comes out.
        packages: whose versions decide it as well.
    """

    def keeper(make: Callable[P, Arrays]) -> Callable[P, Arrays]:
        @cache
        @wraps(make)
        def arrays(*args: P.args, **kwargs: P.kwargs) -> Arrays:
            versions = [sys.version, np.__version__, *map(version, packages)]
            named = repr((make.__module__, make.__name__, args, kwargs, sources, versions))
            path = cache_folder() / "tables" / hashlib.sha256(named.encode()).hexdigest()
            content = read_kept(path)
            if content is None:
                found = make(*args, **kwargs)
                write_kept(path, _packed(found), most=MOST_FILES)
            else:
                found = _unpacked(content)
            for array in found:
                array.flags.writeable = False
            return found

        arrays.sources = sources  # type: ignore[attr-defined]  # for tests, that none is missing
        return arrays  # type: ignore[return-value]  # a cache forgets what it was made of

    return keeper


def _packed(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    for array in arrays:
        np.lib.format.write_array(file, array)
    return file.getvalue()


def _unpacked(content: bytes) -> Arrays:
    found, file = [], io.BytesIO(content)
    while file.tell() < len(content):
        found.append(np.lib.format.read_array(file))
    return tuple(found)
