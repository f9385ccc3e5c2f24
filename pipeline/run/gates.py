"""Quality gates: `@latest` moves by itself only to a version that passes them."""

from collections.abc import Mapping

from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from schemas.artifact import ArtifactRef

GATED = "corpus"  # the stage that the gates judge; the others follow it


def move_latest(
    store: Store,
    recipe: str,
    refs: Mapping[str, ArtifactRef],
    *,
    who: str,
    most_lost_share: float,
    fewest_documents: int,
) -> list[str]:
    """Point `@latest` of every stage to this run's versions, if the corpus passes the gates.

    Returns:
        Why it was not moved; nothing where it was.
    """
    references = References(store)
    reasons = []
    if GATED in refs:
        documents = store.open(refs[GATED]).rows[GATED]
        if documents < fewest_documents:
            reasons.append(f"{documents} documents, and the gate asks for {fewest_documents}")
        newest = references.tag(GATED, recipe, LATEST).newest()
        if newest and newest[1].ref != refs[GATED]:
            before = store.open(newest[1].ref).rows[GATED]
            if documents < before * (1 - most_lost_share):
                reasons.append(
                    f"{documents} documents where there were {before}: more than "
                    f"{most_lost_share:.0%} are lost"
                )
    if not reasons:
        for ref in refs.values():
            references.move(recipe, LATEST, ref, who=who, why="passed the gates")
    return reasons
