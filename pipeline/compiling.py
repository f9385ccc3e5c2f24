"""How loops are compiled to machine code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

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
KNOWN_NUMBA = "0.68."  # whose way of loading `_KeptCode` follows


class _KeptCode(FunctionCache):
    """Machine code that is loaded without what only a compiler needs.

    Numba loads all that it could compile with first, and SciPy with it, 0.6 s of each process that
    calls a single loop. Code that is compiled already needs numba's runtime alone, and what it
    imports as it is unpickled; if it has to be compiled after all, the compiler loads the rest.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kept code for the types of some arguments; None if there is none."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a loop to machine code at its first call, and keep that code on disk."""
    return _kept(function)


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
    return _kept(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)


def _kept(function: Callable[P, T], **options: bool) -> Callable[P, T]:
    known = numba.__version__.startswith(KNOWN_NUMBA)  # another one loads in its own way
    loop = _compile(cache=not known, nogil=True, **options)(function)
    if known:
        loop._cache = _KeptCode(function)  # type: ignore[no-untyped-call]
    return cast("Callable[P, T]", loop)
