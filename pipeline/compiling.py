"""How functions are compiled that no Python code calls."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
T = TypeVar("T")


def part(function: Callable[P, T]) -> Callable[P, T]:
    """Compile what only compiled loops call: no way in from Python, a quarter less to compile."""
    compiler = cast("Callable[..., Any]", numba.njit)  # whose types know not all options
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, T]", compiler(cache=True, nogil=True, **options)(function))
