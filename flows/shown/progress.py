"""How far a run has come: one number that never goes back, told every two seconds at most."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flows.results.words import counted

EVERY_SECONDS = 2.0


class Progress:
    """Every stage counts alike: how long each will take is not known before."""

    def __init__(self, stages: Sequence[str]) -> None:
        self._stages = dict.fromkeys(stages, 0.0)
        self._told_at = -EVERY_SECONDS
        self.percent = 0.0
        self.words = "begins"

    def advance(self, stage: str, done: float, of: float) -> None:
        """So much of a stage is made."""
        self._at(stage, min(done / of, 1.0) if of else 0.0)
        told = f"{done:,.0f} of {of:,.0f}" if of else f"{done:,.0f}"
        self.words = f"{stage}: {told}, {self._place(stage)}"

    def finish(self, stage: str, *, reused: bool) -> None:
        """A stage is there."""
        self._at(stage, 1.0)
        self.words = f"{stage}: {'reused' if reused else 'made'}, {self._place(stage)}"

    def end(self, words: str) -> None:
        """Nothing more will come."""
        self.words = words

    @property
    def due(self) -> bool:
        """Whether it is time to tell; asked once for each telling."""
        now = time.monotonic()
        if now - self._told_at < EVERY_SECONDS:
            return False
        self._told_at = now
        return True

    def _at(self, stage: str, share: float) -> None:
        self._stages[stage] = max(share, self._stages.get(stage, 0.0))
        came = 100 * sum(self._stages.values()) / len(self._stages)
        self.percent = max(self.percent, round(came, 1))

    def _place(self, stage: str) -> str:
        there = sum(share == 1.0 for share in self._stages.values())
        return f"{there} of {counted(len(self._stages), 'stage')} there"
