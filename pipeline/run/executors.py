"""Who makes the units: this process, or a pool of local processes. Ray's is in ray_jobs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from pipeline.errors import PipelineError, StageFailed
from pipeline.run.numba_cache import use_numba_cache
from pipeline.run.order import UnitOrder
from pipeline.run.unit import make_unit
from schemas.artifact import Shard

Done = Callable[[UnitOrder, tuple[Shard, ...]], None]


class Executor(Protocol):
    """Makes units, in any order, and says as each is done."""

    def run(self, orders: Sequence[UnitOrder], done: Done) -> None:
        """Make all units.

        Raises:
            PipelineError: a unit failed more often than its order allows.
        """

    def close(self) -> None:
        """Let the workers go."""


class InProcess:
    """One unit after the other, in this process."""

    def run(self, orders: Sequence[UnitOrder], done: Done) -> None:
        """Make all units, in order."""
        for order in orders:
            done(order, make_unit(order))

    def close(self) -> None:
        """Nothing to let go."""


class Pool:
    """Spawned processes on this machine. One that is killed is replaced, its units made again."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, orders: Sequence[UnitOrder], done: Done) -> None:
        """Make all units, `workers` at a time."""
        waiting = dict.fromkeys(range(len(orders)), 0)  # index -> deaths so far
        while waiting:
            try:
                futures = {self._submit(orders[index]): index for index in waiting}
                self._collect(futures, orders, waiting, done)
            except BrokenProcessPool as error:
                self.close()
                for index in [*waiting][: self._workers]:  # no other unit had begun
                    waiting[index] += 1
                    if waiting[index] > orders[index].runtime.retries:
                        problem = (
                            f"its worker was killed {waiting[index]} times "
                            f"(out of memory? try fewer workers, or smaller shards)"
                        )
                        name = orders[index].stage.name()
                        raise StageFailed(name, str(orders[index].unit), problem=problem) from error
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """End the workers; units that they are at are abandoned, finished shards are kept."""
        if self._pool:
            processes = list((self._pool._processes or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join(timeout=5)
                if process.is_alive():
                    process.kill()
            self._pool = None

    def _submit(self, order: UnitOrder) -> Future[tuple[Shard, ...]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin_worker,
                initargs=(os.getpid(),),
            )
        return self._pool.submit(_make_on_worker, order)

    @staticmethod
    def _collect(
        futures: dict[Future[tuple[Shard, ...]], int],
        orders: Sequence[UnitOrder],
        waiting: dict[int, int],
        done: Done,
    ) -> None:
        left = set(futures)
        while left:
            finished, left = wait(left, return_when=FIRST_COMPLETED)
            broken = None
            for future in finished:
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    broken = error
                elif error:
                    raise error
                else:
                    index = futures[future]
                    del waiting[index]
                    done(orders[index], future.result())
            if broken:
                raise broken


def _make_on_worker(order: UnitOrder) -> tuple[Shard, ...]:
    """Make a unit in a worker: what fails there comes back as an error that can travel.

    An exception of a foreign class may not survive the way to the driver, and would read as a
    killed worker; its traceback is shown here, and its words travel.
    """
    try:
        return make_unit(order)
    except PipelineError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told, never swallowed
        traceback.print_exc()
        problem = f"{type(error).__name__}: {error}"
        raise StageFailed(order.stage.name(), str(order.unit), problem=problem) from None


def _begin_worker(parent: int) -> None:
    """Make ready a spawned worker: one thread for arithmetic, and an end when its parent ends.

    Ctrl-C reaches the workers too, and is the parent's to answer: it ends them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    use_numba_cache()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(137)
