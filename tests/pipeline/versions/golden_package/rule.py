"""A rule with whatever Python versions write differently into their syntax trees."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from . import numbers as limits
from .numbers import LARGEST

if TYPE_CHECKING:
    from pyarrow import RecordBatch


class Rule:
    """Keeps what is neither short nor long."""

    fewest: int = 50
    most: int = LARGEST
    unused: int = 3
    examples: ClassVar = (("short", "few"),)
    weights = (limits.WEIGHTS, {"é": 1.5, "big": 10**30, "raw": rb"\d", "i": 2j})

    def reasons(self, batch: RecordBatch) -> Any:
        """Why each should go."""
        words = [len(text.split()) for text in batch["text"]]
        return np.array([self._reason(n) for n in words])

    def _reason(self, words: int, *, width: int = 8) -> str:
        label = f"{words=} {self.fewest!r:>{width}} {{}} {words:{width}.{width}f}end"
        match words:
            case int() if words < self.fewest:
                return f"few {label}"
            case _ if words > self.most:
                return f"many {'x' * 2} {label:}"
            case [first, *rest] | {"first": first, **rest}:
                return f"{first}{rest}"
        return unicodedata.normalize("NFC", limits.rounded(words)) + "\ud800"


def nobody_calls_this() -> None:
    """Not reached."""
