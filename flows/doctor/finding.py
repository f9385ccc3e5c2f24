"""What `penstock doctor` has found: a sentence, and what mends it, if anything here does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    kind: str  # stuck run, held slot, orphan, ...
    says: str
    mend: Callable[[], str] | None = None  # does it, and says what it did
