"""What share of the documents that came to a stage each rule took there."""

from __future__ import annotations

from typing import NamedTuple

from flows.results.gather import HELD_OUT_RULE
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.living import Living
from pipeline.store import Store

Place = tuple[str, str]  # stage, rule


class Rate(NamedTuple):
    """A part of some documents."""

    documents: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.documents / self.of if self.of else 0.0


def rates(store: Store, versions: Ancestry) -> dict[Place, Rate]:
    """Of every rule that took a living document, in the order of the stages."""
    living = Living(store, versions.versions)
    found = {}
    for stage in versions.versions:
        count = living.count(stage)
        if count is None:
            continue
        came = count.kept + count.dropped + count.quarantined
        for rule, documents in living.drops(stage).items():
            if rule != HELD_OUT_RULE:
                found[stage, rule] = Rate(documents, came)
    return found
