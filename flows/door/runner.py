"""Registering the deployments and automations of recipes, and running what Prefect asks for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from flows.door.deployments import deployments_of  # first: it sets what Prefect reads at its import

# isort: split
from prefect.client.orchestration import get_client
from prefect.runner import Runner

from flows.doctor.reconcile import Reconciler
from flows.door.automations import HEARTBEAT_SECONDS, ensure, train_on_promotion, zombies
from flows.door.backlog import drop_backlog
from flows.ending.kin import LEAVE_SECONDS, RUNNER_MARK, drivers_of, end_in_time
from flows.ending.leaving import leave_after

QUERY_SECONDS = 2.0  # between two looks for runs to start
END_SECONDS = 15.0  # for Prefect to let go of all
TWICE_SECONDS = 1.0  # some who pass a signal on send what the terminal has sent as well


def register_automations(trains: dict[str, UUID], *, train_on_new: bool) -> None:
    """Create the automations, or bring them up to date.

    Args:
        trains: recipe -> its deployment `train`.
        train_on_new: whether a promoted corpus starts it.
    """
    with get_client(sync_client=True) as client:
        ensure(client, zombies())
        for recipe, deployment in sorted(trains.items()):
            ensure(client, train_on_promotion(recipe, deployment, enabled=train_on_new))


def deployed_trains() -> dict[str, UUID]:
    """Recipe -> its deployment `train`, of those that the server knows."""
    with get_client(sync_client=True) as client:
        found = client.read_deployments()
        flows = {each.flow_id: client.read_flow(each.flow_id).name for each in found}
    return {each.name: each.id for each in found if flows[each.flow_id] == "train"}


class Served(Runner):
    """A runner of recipes' deployments.

    Args:
        end_server: ends Prefect's server, where it is ours.
    """

    def __init__(self, end_server: Callable[[], None]) -> None:
        os.environ[RUNNER_MARK] = str(os.getpid())
        super().__init__(
            name="penstock",
            query_seconds=QUERY_SECONDS,
            heartbeat_seconds=HEARTBEAT_SECONDS,
            pause_on_shutdown=True,
        )
        self.serving: asyncio.Task[None] | None = None
        self._end_server = end_server
        self._told_at: float | None = None  # to end; seconds of a clock that never goes back

    def heed_signals(self) -> None:
        """From now on; Prefect would heed SIGTERM some imports after it has begun to serve."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:  # one that is ignored stays so
                signal.signal(number, self.handle_sigterm)

    def handle_sigterm(self, *_args: Any, **_more: Any) -> None:
        """End at SIGTERM and Ctrl-C: what runs is cancelled, each part lets go of what it holds.

        Prefect asks its server to pause each deployment and closes what connects them, which takes
        minutes where the server hangs. After `END_SECONDS`, or when told again, that is left.
        """
        if self._told_at is None:
            self._told_at = time.monotonic()
            leave_after(END_SECONDS, partial(self._end_all, "Not all has ended in time"))
            if self.serving and not self.serving.done():
                self.serving.get_loop().call_soon_threadsafe(self.serving.cancel)
        elif time.monotonic() - self._told_at > TWICE_SECONDS:
            leave_after(0.0, partial(self._end_all, "Told again"))

    async def serve(self) -> None:
        """Run what Prefect asks for, until SIGTERM or Ctrl-C."""
        self.serving = asyncio.current_task()
        if self._told_at is None:
            await self.start()

    def _end_all(self, why: str) -> None:
        """End what must not be left, without asking Prefect."""
        _say(f"{why}: Prefect is not waited for.")
        try:
            end_in_time(drivers_of(os.getpid()), LEAVE_SECONDS)
        finally:
            self._end_server()
        end_in_time(drivers_of(os.getpid()), LEAVE_SECONDS)  # whose start was under way
        say_ended()


def registered(runner: Runner, recipes: Sequence[Path], *, train_on_new: bool) -> list[str]:
    """Register the deployments of recipes and their automations; their names."""
    trains: dict[str, UUID] = {}
    names = []
    for deployment in deployments_of(recipes):
        made = runner.add_deployment(deployment)
        names.append(deployment.full_name)
        if deployment.flow_name == "train" and isinstance(made, UUID):
            trains[deployment.name] = made
    register_automations(trains, train_on_new=train_on_new)
    with get_client(sync_client=True) as client:
        dropped = drop_backlog(client)
    if dropped:
        print(f"Of the refreshes that were missed the newest run; {len(dropped)} are cancelled.")
    return names


def say_ended() -> None:
    """The last sentence."""
    _say("Ended; what is finished is kept.")


def run_until_ended(runner: Served) -> None:
    """Run what Prefect asks for, until this process is told to end."""
    reconciler = Reconciler()
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(runner.serve())
    reconciler.end()


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # Ctrl-C has ended who read it, too
        print(sentence, flush=True)
