"""Tables that take a while to make, kept from process to process.

A table of all characters, or of what a package has learnt, costs a tenth of a second and more of
every process that looks something up in it. What comes out depends on the code that makes it, on
packages and on Python: they name the file that it is kept in.
"""

import hashlib
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np

from pipeline.cache_folder import cache_folder

P = ParamSpec("P")
Arrays = tuple[np.ndarray[Any, Any], ...]

HASH_BYTES = 32


def kept(
    *sources: str, packages: tuple[str, ...] = ()
) -> Callable[[Callable[P, Arrays]], Callable[P, Arrays]]:
    """Make arrays once for each of the function's arguments, and keep them in the user's cache.

    The arrays cannot be written to.

    Args:
        sources: the files of all code of ours that decides what comes out; they are read now, as
            they are imported.
        packages: whose versions decide it as well.
    """
    code = [hashlib.sha256(Path(source).read_bytes()).hexdigest() for source in sources]

    def keeper(make: Callable[P, Arrays]) -> Callable[P, Arrays]:
        @cache
        def arrays(*args: P.args, **kwargs: P.kwargs) -> Arrays:
            versions = [sys.version, np.__version__, *map(version, packages)]
            named = repr((make.__module__, make.__name__, args, kwargs, code, versions))
            path = cache_folder() / "tables" / hashlib.sha256(named.encode()).hexdigest()
            found = _read(path)
            if found is None:
                found = make(*args, **kwargs)
                with suppress(OSError):  # where nothing can be kept, it is made each time
                    _write(path, found)
            for array in found:
                array.flags.writeable = False
            return found

        return arrays  # type: ignore[return-value]  # a cache forgets what it was made of

    return keeper


def _read(path: Path) -> Arrays | None:
    """What was kept; None where nothing was, or where it is damaged."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content = memoryview(whole)[HASH_BYTES:]
    if hashlib.sha256(content).digest() != whole[:HASH_BYTES]:
        return None
    found, file = [], io.BytesIO(content)
    while file.tell() < len(content):
        found.append(np.load(file, allow_pickle=False))
    return tuple(found)


def _write(path: Path, arrays: Arrays) -> None:
    """Put it down whole: others may read it at the same time, or write it."""
    file = io.BytesIO()
    for array in arrays:
        np.save(file, array, allow_pickle=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(hashlib.sha256(file.getbuffer()).digest() + file.getvalue())
    part.replace(path)
