"""Events of a corpus: promoted, or held by its gates. Automations start other runs by them."""

from __future__ import annotations

from prefect import get_run_logger
from prefect.events import emit_event

from flows.session import Session
from pipeline.run.gates import GATED
from pipeline.run.runner import Runner
from pipeline.storage.references import References

PROMOTED = "penstock.corpus.promoted"
HELD = "penstock.gates.held"


def resource_of(recipe: str) -> str:
    """What the events of a recipe's corpus are about, in Prefect's words."""
    return f"penstock.corpus.{recipe}"


def tell_gates(session: Session, runner: Runner, reasons: list[str]) -> str:
    """Emit what became of `@latest` of the corpus; returns the version's label.

    Args:
        session: the run's.
        runner: with what it made.
        reasons: why the gates held it; none where they let it pass.
    """
    ref = runner.ref(GATED)
    recipe = session.recipe.name
    who, why = session.wishes.who, session.asked.reason
    label = References(session.store).record(recipe, ref, who=who, why=why)
    payload = {
        "recipe": recipe,
        "version": label,
        "key": ref.key,
        "documents": session.store.open(ref).rows[GATED],
    }
    log = get_run_logger()
    resource = {
        "prefect.resource.id": resource_of(recipe),
        "prefect.resource.name": f"corpus/{recipe}@{label}",
    }
    if reasons:
        log.warning("@latest stays where it was: %s.", "; ".join(reasons))
        emit_event(HELD, resource, payload=payload | {"reasons": reasons})
    else:
        log.info("@latest is corpus/%s@%s.", recipe, label)
        emit_event(PROMOTED, resource, payload=payload)
    return label
