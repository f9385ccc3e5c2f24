"""How loops are compiled to machine code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
T = TypeVar("T")

# Ours first; the others are numba's own, for functions that are not ours.
LOCATORS = (
    "pipeline.kernel_locator.KernelLocator",
    *("InTreeCacheLocator", "UserWideCacheLocator", "IPythonCacheLocator", "ZipCacheLocator"),
)
_config = cast("Any", numba.config)
_config.CACHE_LOCATOR_CLASSES = _config.CACHE_LOCATOR_CLASSES or ",".join(LOCATORS)

_compile = cast("Callable[..., Any]", numba.njit)  # whose types know not all options


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a loop to machine code at its first call, and keep that code on disk."""
    return cast("Callable[P, T]", _compile(cache=True, nogil=True)(function))


def is_kept(function: Callable[..., object]) -> bool:
    """Whether the machine code of a compiled loop lies on disk, so that its first call is quick."""
    dispatcher = cast("Any", function)
    name = f"*.{dispatcher.py_func.__name__}-*.nbi"
    return any(Path(dispatcher._cache.cache_path).glob(name))


def part(function: Callable[P, T]) -> Callable[P, T]:
    """Compile what only compiled loops call: no way in from Python, a quarter less to compile."""
    return _part(function, _nrt=True)  # said, since it would be the caller's


def lean(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a part that makes no arrays: who holds whose is not counted, 10 ns each time."""
    return _part(function, _nrt=False)


def inlined(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a lean part into the loop that calls it: a call with ten arrays takes 100 ns."""
    return _part(function, _nrt=False, forceinline=True)


def _part(function: Callable[P, T], **options: bool) -> Callable[P, T]:
    options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, T]", _compile(cache=True, nogil=True, **options)(function))
