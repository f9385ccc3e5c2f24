"""A flow's run tells Prefect what became of the corpus: promoted, or held by its gates."""

from __future__ import annotations

from prefect import get_run_logger
from prefect.events import emit_event

from flows.door.corpus_events import corpus_event
from flows.session import Session
from pipeline.run.gates import GATED
from pipeline.run.runner import Runner


def tell_gates(session: Session, runner: Runner, reasons: list[str]) -> str:
    """Emit what became of `@latest` of the corpus; returns the version's label.

    Args:
        session: the run's.
        runner: with what it made.
        reasons: why the gates held it; none where they let it pass.
    """
    recipe = session.recipe.name
    told = corpus_event(session.store, recipe, runner.ref(GATED), held=reasons)
    log = get_run_logger()
    if reasons:
        log.warning("@latest stays where it was: %s.", "; ".join(reasons))
    else:
        log.info("@latest is corpus/%s@%s.", recipe, told.version)
    emit_event(told.event, told.resource, payload=told.payload)
    return told.version
