"""Asking somebody before a dear run: the run pauses, Prefect's page shows a form and the estimate.

Who approved is written down with the run. A run that is refused, or that nobody answers in time,
ends with a sentence, and nothing has been asked of Ray.
"""

from __future__ import annotations

import anyio
from prefect import apause_flow_run, get_run_logger
from prefect.input import RunInput
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Paused
from pydantic import ConfigDict, Field

from flows.door.costs import Cost, Estimate
from flows.errors import NotApproved

POLL_SECONDS = 3
SECONDS_AN_HOUR = 3600
KEY = "approval"  # a run that is tried again is not asked again
SPARE_SECONDS = 3600  # that Prefect waits longer, or it ends the run with its own sentence


class Approval(RunInput):
    """What somebody answers."""

    model_config = ConfigDict(extra="forbid")

    approve: bool = Field(title="Approve", description="or refuse, which ends the run")
    approver: str = Field(
        title="Approver", min_length=2, max_length=100, description="your name: it is written down"
    )
    note: str = Field(
        default="", title="Note", max_length=2000, description="why, or on what terms"
    )


def approved(estimate: Estimate, cost: Cost, *, asked_by: str, reason: str) -> Approval | None:
    """Wait for somebody to agree where the estimate is above the recipe's threshold.

    Returns:
        Who agreed; None where nobody had to.

    Raises:
        NotApproved: somebody refused, or nobody answered in time.
    """
    if not estimate.asks:
        return None
    price = f"{estimate.cost:,.2f} {estimate.currency}"
    get_run_logger().info(
        "It is expected to cost %s, above %.2f: waiting for approval.", price, estimate.ask_above
    )
    told = f"{asked_by} asks for a run of {price}: {_quoted(reason)}\n\n{estimate.markdown()}"
    seconds = max(1, round(cost.approve_within_hours * SECONDS_AN_HOUR))
    try:
        answer = anyio.run(_answer, told, seconds)
    except TimeoutError as error:
        msg = (
            f"Nobody approved the {price} within {cost.approve_within_hours:g} hours, so the run "
            f"ended; nothing was trained.\nStart it again, or ask for less."
        )
        raise NotApproved(msg) from error
    if not answer.approve:
        note = f": {answer.note}" if answer.note else ""
        msg = f"{answer.approver} did not approve the {price}{note}. Nothing was trained."
        raise NotApproved(msg)
    return Approval(approve=True, approver=answer.approver, note=answer.note)


async def _answer(told: str, seconds: int) -> Approval:
    """What somebody fills in; the earlier answer, where this run was asked before."""
    with anyio.fail_after(seconds):
        answer: Approval | None = await apause_flow_run(
            wait_for_input=Approval.with_initial_data(description=told),
            timeout=seconds + SPARE_SECONDS,
            poll_interval=min(POLL_SECONDS, seconds),
            key=KEY,
        )
        before = keyset_from_paused_state(Paused(pause_key=KEY))
        return answer or await Approval.aload(before)


def _quoted(text: str) -> str:
    """Somebody's words in Markdown, as they are: no link, picture or table of theirs."""
    marks = "\\`*_{}[]<>()#+-.!|"
    return "".join(f"\\{each}" if each in marks else each for each in " ".join(text.split()))
