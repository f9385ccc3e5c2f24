"""The flows that Prefect's page starts: refresh, train, evaluate, refresh_and_train.

Each checks its form first, so that what cannot be is said in seconds and asks nothing of Ray; then
it plans, and then makes what is not there. The store is the truth: a run that is repeated finds
what the first one made. Other tries follow an error, unless another try would end alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from flows.prefect_flows import carried_out  # first: it sets what Prefect reads at its import

# isort: split
from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.door import sessions as door
from flows.door.approval import approved
from flows.door.forms import (
    EvaluateForm,
    Form,
    RefreshAndTrainForm,
    RefreshForm,
    TrainForm,
    Training,
)
from flows.door.given import is_latest
from flows.door.schedule import window_of
from flows.door.told import tell_gates
from flows.ending.cancelled import sweep_up
from flows.errors import Refused
from flows.recipe import Recipe
from flows.session import Session
from flows.shown.places import name_of
from flows.shown.results import key
from flows.shown.run_view import show_plan
from pipeline.errors import BadRecipe, DriftError, MissingArtifact, NoStore
from pipeline.run.gates import GATED
from pipeline.run.runner import Runner
from schemas.artifact import ArtifactRef

RETRIES = 2
RETRY_SECONDS = 60
FINAL = (Refused, BadRecipe, DriftError, MissingArtifact, NoStore)  # a person has to mend them


OrderT = TypeVar("OrderT", bound=Form)
Body = Callable[[OrderT], State]


def in_a_sentence(body: Body[OrderT]) -> Body[OrderT]:
    """An error that only a person can mend ends the run at once; others are tried again."""

    @wraps(body)
    def tried(order: OrderT) -> State:
        try:
            return body(order)
        except FINAL as error:
            get_run_logger().error(str(error))
            with get_client(sync_client=True) as client:
                run = client.read_flow_run(flow_run.id)
                policy = run.empirical_policy.model_copy(update={"retries": 0})
                client.update_flow_run(flow_run.id, empirical_policy=policy)
            return Failed(message=str(error))

    return tried


class Refreshed(NamedTuple):
    """What a refresh came to."""

    corpus: ArtifactRef
    label: str
    held: list[str]  # why `@latest` stayed where it was

    def sentence(self, recipe: str) -> str:
        """For the flow run's state."""
        name = f"corpus/{recipe}@{self.label}"
        if self.held:
            return f"{name} is there; @latest stays where it was: {'; '.join(self.held)}."
        return f"{name} is @latest."


def _name() -> str:
    """`refresh web 2026-11-22T00:00:00Z`: what is run, of which recipe, on what."""
    order = flow_run.parameters["order"]
    told = order if isinstance(order, dict) else order.model_dump()
    kind = str(flow_run.flow_name)
    if kind in ("refresh", "refresh_and_train"):
        version = told.get("window") or scheduled_window()
    else:
        version = told.get("corpus") or told.get("model") or "latest"
    return f"{kind} {told['recipe']} {version}"


# What the four have in common.
ALIKE: dict[str, Any] = {
    "flow_run_name": _name,
    "retries": RETRIES,
    "retry_delay_seconds": RETRY_SECONDS,
    "persist_result": False,
    "on_cancellation": [sweep_up],
    "on_crashed": [sweep_up],
}


@flow(name="refresh", **ALIKE)
@in_a_sentence
def refresh(order: RefreshForm) -> State:
    """Look at the sources again; a corpus that passes the recipe's gates becomes `@latest`."""
    session = door.refresh_session(order, order.window or scheduled_window())
    if planned(session, dry=order.dry_run):
        return Completed(message="Planned; nothing was made.")
    return Completed(message=_refreshed(session).sentence(order.recipe))


@flow(name="train", **ALIKE)
@in_a_sentence
def train(order: TrainForm) -> State:
    """Train a model on a version of the corpus that is there, and score it."""
    recipe = door.training_recipe(order)
    corpus = door.corpus_named(order, recipe, order.corpus)
    return _trained(order, recipe, corpus, agreed=_agreed(order, recipe))


@flow(name="evaluate", **ALIKE)
@in_a_sentence
def evaluate(order: EvaluateForm) -> State:
    """Score a model that is there, on the recipe's held-out documents."""
    session = door.evaluate_session(order)
    if planned(session, dry=order.dry_run):
        return Completed(message="Planned; nothing was made.")
    runner = _made(session, "model")
    return Completed(message=_came_of(session, runner.ref("scores")))


@flow(name="refresh_and_train", **ALIKE)
@in_a_sentence
def refresh_and_train(order: RefreshAndTrainForm) -> State:
    """Refresh the corpus, and train on exactly what comes out, if it passes the gates."""
    recipe = door.training_recipe(order)
    agreed = _agreed(order, recipe)
    session = door.refresh_session(order, order.window or scheduled_window())
    if planned(session, dry=order.dry_run):
        return Completed(message="Planned; nothing was made.")
    came = _refreshed(session)
    if came.held:
        return Completed(message=f"Not trained: {came.sentence(order.recipe)}")
    return _trained(order, recipe, came.corpus, agreed=agreed)


def scheduled_window() -> str:
    """The window of this run: the start that it was scheduled for, however late it came."""
    return window_of(flow_run.scheduled_start_time)


def planned(session: Session, *, dry: bool) -> bool:
    """Say in the log what the run would do with each stage; whether that was all that is asked."""
    log = get_run_logger()
    for row in session.plan().rows:
        log.info("plan: %s: %s%s", row.stage, row.state, f" ({row.why[0]})" if row.why else "")
    if dry:  # a run that goes on shows its plan itself
        show_plan(session)
    return dry


class Agreed(NamedTuple):
    """Who agreed to the cost; nobody where nobody had to."""

    approved_by: str = ""
    approval_note: str = ""


def _agreed(order: Training, recipe: Recipe) -> Agreed:
    """Show what the training is expected to take; wait for approval where it is dear."""
    expected = door.checked_estimate(order, recipe)
    create_markdown_artifact(
        expected.markdown(),
        key=key(recipe.name, "estimate"),
        description="What the training is expected to take.",
    )
    get_run_logger().info(
        "Expected: %d tokens, %.2f hours, %.2f %s.",
        expected.tokens,
        expected.hours,
        expected.cost,
        expected.currency,
    )
    if order.dry_run:
        return Agreed()
    answer = approved(expected, recipe.cost, asked_by=order.requested_by, reason=order.reason)
    return Agreed(answer.approver, answer.note) if answer else Agreed()


def _refreshed(session: Session) -> Refreshed:
    runner = carried_out(session, "corpus")
    held = session.gate(runner)
    return Refreshed(runner.ref(GATED), tell_gates(session, runner, held), held)


def _trained(order: Training, recipe: Recipe, corpus: ArtifactRef, *, agreed: Agreed) -> State:
    session = door.train_session(order, recipe, corpus, **agreed._asdict())
    if planned(session, dry=order.dry_run):
        return Completed(message="Planned; nothing was made.")
    runner = _made(session, "model")
    return Completed(message=_came_of(session, runner.ref("model")))


def _made(session: Session, name: str) -> Runner:
    """Carry out the DAG; what comes of the latest version becomes the latest."""
    runner = carried_out(session, name)
    given = session.asked.given
    if given and is_latest(session.store, session.recipe.name, given):
        session.gate(runner)
    return runner


def _came_of(session: Session, ref: ArtifactRef) -> str:
    """`model/web@2026-11-22.1 of corpus/web@2026-11-22.3.`: names that the next form takes."""
    named = [each for each in (ref, session.asked.given) if each]
    return " of ".join(name_of(session.store, session.recipe.name, each) for each in named) + "."
