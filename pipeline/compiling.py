"""How loops are compiled to machine code."""

from collections.abc import Callable
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


def part(function: Callable[P, T]) -> Callable[P, T]:
    """Compile what only compiled loops call: no way in from Python, a quarter less to compile."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, T]", _compile(cache=True, nogil=True, **options)(function))


def inlined(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a part into the loops that call it: a call with several arrays takes 10 ns."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True, "_nrt": False}
    return cast("Callable[P, T]", _compile(cache=True, nogil=True, **options)(function))


def lean(function):
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    return _compile(cache=True, nogil=True, **options)(function)
