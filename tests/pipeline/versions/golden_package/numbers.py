"""Constants, bound in several ways."""

import sys

LARGEST = 100_000
WEIGHTS: dict[str, float] = {}
WEIGHTS["a"] = 0.1
WEIGHTS.update(b=-0.0)

if sys.byteorder == "little":
    SIGN, DIGITS = "-", 3
else:
    SIGN, DIGITS = "+", 3

try:
    import gmpy2 as fast
except ImportError:
    fast = None


def rounded(number: float, digits: int = DIGITS) -> str:
    """The number as text, by the fast way where there is one."""
    if fast:
        return str(fast.mpfr(number))
    return SIGN * (number < 0) + again(number, digits)


def again(number: float, digits: int) -> str:
    """Calls back, so that the code goes round in a circle."""
    return rounded(-number, digits) if number < 0 else str(round(number, digits))
