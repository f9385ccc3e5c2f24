"""Making units on Ray: the same units, the same code, on any machine that sees the store."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

import ray

# Ray's own way to its driver's terminal: the only one on which a killed worker is heard, too.
from ray._private.ray_logging import global_worker_stdstream_dispatcher as from_workers

from pipeline.errors import PipelineError, StageFailed, StoreUnreachable
from pipeline.run.executors import Done
from pipeline.run.keys import CHECKOUT
from pipeline.run.numba_cache import use_numba_cache
from pipeline.run.order import UnitOrder
from pipeline.run.unit import make_unit
from ray_jobs.cluster import check_store, join_cluster
from ray_jobs.job_log import hand_on
from ray_jobs.own_ray import check_ray, end_ray, heeding_signals, start_ray
from schemas.artifact import Shard

LISTENER = "penstock"
LISTEN_SECONDS = (
    0.5  # between two looks for signals: what one raises in Ray's wait waits for its end
)
RAYS_OWN = ("autoscaler", "raylet", "gcs_server")  # who tells of Ray, every five seconds


class RayMap:
    """An executor on Ray: one Ray task for each unit, one CPU for each task."""

    def __init__(self, workers: int, address: str = "local") -> None:
        self._workers, self._address = workers, address
        self._started = False

    def run(self, orders: Sequence[UnitOrder], done: Done) -> None:
        """Make all units; Ray replaces workers that are killed and runs their units again.

        Raises:
            RayLost: the Ray that was started here has ended.
        """
        self._start(orders[0].store)
        remote = ray.remote(num_cpus=1, max_calls=0)(_make_on_worker)
        left: dict[Any, UnitOrder] = {}
        for order in orders:
            check_ray()  # it may have ended since the stage before: handing it a unit would hang
            options = {"max_retries": order.runtime.retries, "name": str(order)}
            left[remote.options(**options).remote(order)] = order
        while left:
            with heeding_signals():
                ready, _ = ray.wait(list(left), num_returns=1, timeout=LISTEN_SECONDS)
            check_ray()
            for reference in ready:
                order = left.pop(reference)
                with heeding_signals():
                    made = self._got(reference, order)
                done(order, made)

    def close(self) -> None:
        """End the Ray that was started here."""
        if self._started:
            end_ray()
            from_workers.remove_handler(LISTENER)
            self._started = False

    @staticmethod
    def _got(reference: Any, order: UnitOrder) -> tuple[Shard, ...]:
        try:
            made: tuple[Shard, ...] = ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, PipelineError):
                raise cause from error
            raise
        except ray.exceptions.RayError as error:
            check_ray()
            problem = str(error).strip().splitlines()[0]
            raise StageFailed(order.stage.name(), str(order.unit), problem=problem) from error
        return made

    def _start(self, store: str) -> None:
        if self._started:
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        heeded = signal.getsignal(signal.SIGTERM)
        self._connect(store)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, heeded)  # Ray's would say exit code 15, and no reason
        from_workers.remove_handler("ray_print_logs")  # its terminal is not ours
        from_workers.add_handler(LISTENER, _hear)
        self._started = True

    def _connect(self, store: str) -> None:
        if self._address == "local":
            start_ray(
                num_cpus=self._workers,
                logging_level=logging.ERROR,
                runtime_env={"env_vars": {"PYTHONPATH": str(CHECKOUT)}},
            )
        else:
            join_cluster(self._address, logging_level=logging.ERROR)
            try:
                check_store(store)
            except StoreUnreachable:
                end_ray()
                raise


def _hear(heard: dict[str, Any]) -> None:
    """Lines of one worker, with the unit that it made."""
    if heard.get("pid") in RAYS_OWN:
        return
    for line in heard["lines"]:
        hand_on(str(heard.get("task_name") or heard.get("pid") or "ray"), str(line))


def _make_on_worker(order: UnitOrder) -> tuple[Shard, ...]:
    use_numba_cache()
    return make_unit(order)
