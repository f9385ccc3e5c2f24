"""Prefect's states and slots beside what is so: runs that are stuck, wrong ends, slots held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Completed, Crashed, Failed, Scheduled

from flows.doctor.finding import Finding
from flows.doctor.lively import Life, by_lease, life_of
from flows.doctor.outcome import LAST, Outcomes
from flows.door.approval import turned_away, unanswered
from flows.door.deployments import TAG
from flows.ending.cancelled import runtime_of, sweep_up
from flows.ending.kin import Kin, end_in_time, kin
from pipeline.store import Store

AT_WORK = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
BROKEN = (StateType.CRASHED, StateType.FAILED)
PREFECT_SECONDS = 30.0  # that Prefect gives a cancelled run
SPARE_SECONDS = 30.0  # for who cancels it to say so
LATELY = 50  # runs that have ended


class Runs:
    """The runs of a server, beside the stores they work in."""

    def __init__(self, client: SyncPrefectClient, stores: Sequence[Store]) -> None:
        self._client, self._stores = client, stores
        self._outcomes = Outcomes(stores)
        self._flows: dict[Any, str] = {}

    def findings(self) -> Iterator[Finding]:
        """All that is wrong."""
        yield from self._stuck()
        yield from self._unanswered()
        yield from self._turned_away()
        yield from self._wrong_ends()
        yield from self._slots()

    def _stuck(self) -> Iterator[Finding]:
        here = kin()
        for run in self._read(AT_WORK):
            life = life_of(run, self._client, self._stores, here)
            state = run.state
            if life is Life.DEAD and state:
                yield self._gone(run, state)
            elif life is Life.ALIVE and state and state.is_cancelling():
                drivers = [each for each in here if each.flow_run == str(run.id) and each.drives]
                yield from self._not_cancelled(run, state, drivers)

    def _unanswered(self) -> Iterator[Finding]:
        """Runs that wait for an approval which nobody has given in time."""
        for run in self._read((StateType.PAUSED,)):
            told = unanswered(run.state, datetime.now(UTC)) if run.state else ""
            if told:
                said = f"{run.name} ({run.id}) waits for approval, and its time is over"
                yield Finding("no answer", said, partial(self._set, run, Failed(message=told)))

    def _turned_away(self) -> Iterator[Finding]:
        """Runs that were answered while another held the slot, which is free by now."""
        for run in self._read((StateType.CANCELLED,), LATELY):
            if turned_away(run, datetime.now(UTC)) and not self._holding(run.deployment_id):
                said = f"{run.name} ({run.id}) was answered while another run held its slot"
                again: State[Any] = Scheduled(message="It was answered; its slot is free again.")
                yield Finding("turned away", said, partial(self._set, run, again))

    def _gone(self, run: FlowRun, state: State[Any]) -> Finding:
        said = f"{run.name} ({run.id}) is {state.name} in Prefect, and its process is gone"
        return Finding("stuck run", said, partial(self._mend, run))

    def _mend(self, run: FlowRun) -> str:
        """Sweep up after a run whose process is gone, and say what became of it."""
        sweep_up(None, run, None)
        now = self._client.read_flow_run(run.id).state
        if now is None or now.type not in AT_WORK:
            return f"it has ended meanwhile: {now.name if now else 'unknown'}"
        made = Outcomes(self._stores).made_whole(run, self._flow(run))  # as it is now
        if made:
            return self._set(run, Completed(message=f"{made} is in the store."))
        if now.is_cancelling():
            return self._set(run, Cancelled(message="It was cancelled; its process is gone."))
        message = "Its process is gone. The same run goes on from what is in the store."
        return self._set(run, Crashed(message=message))

    def _not_cancelled(
        self, run: FlowRun, state: State[Any], drivers: Sequence[Kin]
    ) -> Iterator[Finding]:
        """A run that nobody ends though it was cancelled: who started it is gone, or stuck."""
        since = (datetime.now(UTC) - (state.timestamp or datetime.now(UTC))).total_seconds()
        longest = PREFECT_SECONDS + SPARE_SECONDS + runtime_of(run.parameters).stop_seconds
        if not drivers or (since < longest and not all(each.unattended for each in drivers)):
            return
        said = f"{run.name} ({run.id}) is cancelled, and nobody ends its process"

        def mend() -> str:
            end_in_time(drivers, runtime_of(run.parameters).stop_seconds + SPARE_SECONDS)
            sweep_up(None, run, None)
            message = "It was cancelled; who had started it was gone."
            return self._set(run, Cancelled(message=message))

        yield Finding("stuck run", said, mend)

    def _wrong_ends(self) -> Iterator[Finding]:
        for run in self._read(BROKEN, LATELY):
            made = self._outcomes.made_whole(run, self._flow(run))
            if made and run.state:
                said = f"{run.name} ({run.id}) is {run.state.name} in Prefect, and {made} is whole"
                message = f"{made} is in the store."
                yield Finding(
                    "wrong end", said, partial(self._set, run, Completed(message=message))
                )
        for run in self._read((StateType.COMPLETED,), LATELY):
            gone = self._outcomes.lost(run)
            if gone:
                said = f"{run.name} ({run.id}) is Completed in Prefect, and not in the store: "
                yield Finding("wrong end", f"{said}{', '.join(gone)}. Run it again.")

    def _slots(self) -> Iterator[Finding]:
        for deployment in self._client.read_deployments():
            limit = deployment.global_concurrency_limit
            if TAG not in deployment.tags or limit is None or not limit.active_slots:
                continue
            holding = self._holding(deployment.id)
            now = self._client.read_deployment(deployment.id).global_concurrency_limit
            if now and min(now.active_slots, limit.active_slots) > holding:
                name = f"{self._flow_name(deployment.flow_id)}/{deployment.name}"
                said = f"{name} has {now.active_slots} of {now.limit} slots held by {holding} runs"
                yield Finding("held slot", said, partial(self._free, now.name, holding))

    def _free(self, limit: str, holding: int) -> str:
        wanted = GlobalConcurrencyLimitUpdate(active_slots=holding)
        self._client.update_global_concurrency_limit(limit, wanted)
        return "freed"

    def _holding(self, deployment: Any) -> int:
        """How many runs of a deployment may hold a slot: one that is tried again keeps its own."""
        found = [run for run in self._read(AT_WORK) if run.deployment_id == deployment]
        again = [
            run
            for run in self._read((StateType.SCHEDULED,))
            if run.deployment_id == deployment and run.state and run.state.name == "AwaitingRetry"
        ]
        return len(found) + len(again)

    def _read(self, kinds: Sequence[StateType], limit: int = 200) -> list[FlowRun]:
        """Our runs in some states, the newest first."""
        of_state = FlowRunFilterState.model_validate({"type": {"any_": kinds}})
        found = self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=of_state),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=limit,
        )
        return [run for run in found if self._ours(run)]

    def _ours(self, run: FlowRun) -> bool:
        if self._flow(run) not in LAST:
            return False
        known = (by_lease(store, str(run.id)) is not Life.UNKNOWN for store in self._stores)
        return TAG in run.tags or any(known)

    def _flow(self, run: FlowRun) -> str:
        return self._flow_name(run.flow_id)

    def _flow_name(self, flow: Any) -> str:
        if flow not in self._flows:
            self._flows[flow] = self._client.read_flow(flow).name
        return self._flows[flow]

    def _set(self, run: FlowRun, state: State[Any]) -> str:
        self._client.set_flow_run_state(run.id, state, force=True)
        return f"set to {state.name}"
