"""Events of a corpus: promoted, or held by its gates. Automations start other runs by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pipeline.run.gates import GATED
from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from schemas.artifact import ArtifactRef

PROMOTED = "penstock.corpus.promoted"
HELD = "penstock.gates.held"
_SHORT = 12  # hex digits of a key, where a version has no label


class CorpusEvent(NamedTuple):
    """What Prefect is told."""

    event: str
    resource: dict[str, str]
    payload: dict[str, Any]

    @property
    def version(self) -> str:
        """The label of the corpus, as forms take it."""
        return str(self.payload["version"])


def resource_of(recipe: str) -> str:
    """What the events of a recipe's corpus are about, in Prefect's words."""
    return f"penstock.corpus.{recipe}"


def corpus_event(
    store: Store, recipe: str, ref: ArtifactRef, *, name: str = LATEST, held: Sequence[str] = ()
) -> CorpusEvent:
    """What became of a moving name of a recipe's corpus.

    Args:
        store: where it lies.
        recipe: whose corpus.
        ref: the version that the name points to now, or would without the gates.
        name: the moving name; a label of the resource, so that a trigger can ask for one alone.
        held: why the gates held it; none where it was promoted.
    """
    version = References(store).label(recipe, ref) or ref.key[:_SHORT]
    resource = {
        "prefect.resource.id": resource_of(recipe),
        "prefect.resource.name": f"{GATED}/{recipe}@{version}",
        "penstock.name": name,
    }
    payload: dict[str, Any] = {
        "recipe": recipe,
        "version": version,
        "name": name,
        "key": ref.key,
        "documents": store.open(ref).rows[GATED],
    }
    if held:
        return CorpusEvent(HELD, resource, payload | {"reasons": list(held)})
    return CorpusEvent(PROMOTED, resource, payload)
