"""Asking somebody before a dear run: it is suspended until a form in Prefect's page is answered.

A suspended run has no process and no slot, however long it waits; Prefect would end one that waits
in its process as soon as its slot's lease is to be renewed, some minutes later. Once it is answered
it starts again from the beginning, and finds the answer. Who approved is written down with the run.
An answer holds for the price that was asked about, and a tenth more: where a recipe was changed
meanwhile, somebody is asked again.
A run that is refused, or that nobody answers in time, ends with a sentence, and nothing has been
asked of Ray. One that is approved while another run holds the slot is cancelled by the server; it
is scheduled again as soon as the slot is free (flows/doctor/runs.py).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from prefect import get_run_logger
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import emit_event
from prefect.exceptions import Pause
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, keyset_from_paused_state
from prefect.input.actions import filter_flow_run_input
from prefect.runtime import flow_run
from prefect.states import Suspended
from pydantic import ConfigDict, Field

from flows.door.costs import Cost, Estimate
from flows.errors import NotApproved

SECONDS_AN_HOUR = 3600
KEY = "approval"  # of a question and its answer; with the price, in hundredths
DEARER = 1.1  # times the price, until somebody is asked again
SPARE_SECONDS = 3600  # that Prefect waits longer, or it ends the run with its own sentence
ASKED = "penstock.approval.asked"
SLOT_TAKEN = "Deployment concurrency limit reached."  # as the server says it
MOST_ANSWERS = 100  # and questions, of one run
STILL_WANTED = timedelta(days=7)  # later, whoever answered no longer waits for the run


class Approval(RunInput):
    """What somebody answers."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["approve", "refuse"] = Field(
        title="Answer", description="refuse ends the run; nothing is trained then"
    )
    approver: str = Field(
        title="Approver",
        min_length=2,
        max_length=100,
        description="your name, of two letters or more; it is written down",
    )
    note: str = Field(
        default="", title="Note", max_length=2000, description="why, or on what terms"
    )


def approved(estimate: Estimate, cost: Cost, *, asked_by: str, reason: str) -> Approval | None:
    """Wait for somebody to agree where the estimate is above the recipe's threshold.

    Returns:
        Who agreed; None where nobody had to.

    Raises:
        Pause: nobody has answered yet; Prefect suspends the run.
        NotApproved: somebody refused.
    """
    if not estimate.asks:
        return None
    price = f"{estimate.cost:,.2f} {estimate.currency}"
    given = _answer(estimate.cost)
    if given is None:
        told = f"{asked_by} asks for a run of {price}: {_quoted(reason)}\n\n{estimate.markdown()}"
        asked = f"{price}, above {estimate.ask_above:.2f}"
        given = _ask(told, cost, asked, key=key_of(estimate.cost))
    if given.answer == "refuse":
        note = f": {given.note}" if given.note else ""
        msg = f"{given.approver} did not approve the {price}{note}. Nothing was trained."
        raise NotApproved(msg)
    get_run_logger().info("%s approved the %s.", given.approver, price)
    return given


def key_of(cost: float) -> str:
    """The key of a question about a price."""
    return f"{KEY}-{round(cost * 100)}"


def covers(key: str, cost: float) -> bool:
    """Whether the answer to a question of this key is one to a price, too."""
    name, _, hundredths = key.rpartition("-")
    return name == KEY and round(cost * 100) <= DEARER * int(hundredths)


def _answer(cost: float) -> Approval | None:
    """What somebody has answered to this run; a run that Prefect tries again has its answer."""
    before, behind = keyset_from_paused_state(Suspended(pause_key="|"))["response"].split("|")
    inputs: Any = filter_flow_run_input(f"{before}{KEY}-", limit=MOST_ANSWERS)
    for each in inputs:
        asked = each.key.removeprefix(before).removesuffix(behind)
        if each.key.endswith(behind) and covers(asked, cost):
            return Approval.model_validate(json.loads(each.value))
    return None


def _ask(told: str, cost: Cost, price: str, *, key: str) -> Approval:
    """Suspend the run: this does not come back before the run starts again."""
    seconds = max(1, round(cost.approve_within_hours * SECONDS_AN_HOUR))
    try:
        given: Approval = suspend_flow_run(
            wait_for_input=Approval.with_initial_data(description=told),
            timeout=seconds + SPARE_SECONDS,
            key=key,
        )
    except Pause:
        get_run_logger().info(
            "It is expected to cost %s: it waits %g hours for approval. "
            "Choose Resume in the menu of this run's page to answer.",
            price,
            cost.approve_within_hours,
        )
        emit_event(ASKED, {"prefect.resource.id": f"prefect.flow-run.{flow_run.id}"})
        raise
    return given


def unanswered(state: State[Any], now: datetime) -> str:
    """Why a run that waits for approval has waited long enough; empty where it has not."""
    details = state.state_details
    if (
        not (details.pause_key or "").startswith(KEY)
        or not details.pause_timeout
        or not state.timestamp
    ):
        return ""
    until = details.pause_timeout - timedelta(seconds=SPARE_SECONDS)
    if now < until:
        return ""
    hours = (until.timestamp() - state.timestamp.timestamp()) / SECONDS_AN_HOUR
    return (
        f"Nobody approved this run within {hours:.3g} hours, so it ended; nothing was trained.\n"
        f"Start it again, or ask for less."
    )


def turned_away(run: FlowRun, now: datetime) -> bool:
    """Whether somebody answered a run lately, and the server cancelled it for want of a slot."""
    state = run.state
    if state is None or not state.is_cancelled() or state.message != SLOT_TAKEN:
        return False
    asked = any(each.startswith(KEY) for each in run.empirical_policy.pause_keys or ())
    return asked and state.timestamp is not None and now - state.timestamp < STILL_WANTED


def _quoted(text: str) -> str:
    """Somebody's words in Markdown, as they are: no link, picture or table of theirs."""
    marks = "\\`*_{}[]<>()#+-.!|"
    return "".join(f"\\{each}" if each in marks else each for each in " ".join(text.split()))
