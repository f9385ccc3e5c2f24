"""Who makes the units: this process, or a pool of local processes. Ray's is in ray_jobs."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from pipeline.ctrl_c import deaf_to_ctrl_c
from pipeline.errors import PipelineError, StageFailed
from pipeline.garbage import seek_garbage_seldom
from pipeline.pandas_aside import leave_pandas_aside
from pipeline.run.numba_cache import use_numba_cache
from pipeline.run.order import UnitOrder
from pipeline.run.same_code import check_code
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
    """Spawned processes on this machine. One that is killed is replaced, its units made again.

    A pool that breaks does not say over which unit. Those that had begun are then made alone, one
    after the other, so that only the one that kills its worker is blamed.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, orders: Sequence[UnitOrder], done: Done) -> None:
        """Make all units, `workers` at a time."""
        waiting = dict(enumerate(orders))
        try:
            while waiting:
                try:
                    self._together(waiting, done)
                except BrokenProcessPool:
                    self.close()
                    suspects = [*waiting][: self._workers]  # no other unit had begun
                    self._apart([waiting.pop(index) for index in suspects], done)
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

    def _together(self, waiting: dict[int, UnitOrder], done: Done) -> None:
        """Make units side by side; those that are finished leave `waiting`."""
        futures = {self._submit(order): index for index, order in waiting.items()}
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
                    done(waiting.pop(futures[future]), future.result())
            if broken:
                raise broken

    def _apart(self, suspects: Sequence[UnitOrder], done: Done) -> None:
        """Make units of which one has killed its worker, each while nothing else runs."""
        guilty = None
        for order in suspects:
            try:
                done(order, self._alone(order))
            except _WorkerKilled as error:
                guilty = guilty or error  # the others are made first
        self.close()  # what comes next may be made side by side again
        if guilty:
            raise guilty

    def _alone(self, order: UnitOrder) -> tuple[Shard, ...]:
        tries = max(1, order.runtime.retries)
        for _ in range(tries):
            check_code(order.stage, order.code)  # a module that cannot be imported kills as well
            try:
                return self._submit(order, workers=1).result()
            except BrokenProcessPool:
                self.close()
        problem = (
            f"its worker was killed {1 + tries} times, also while nothing else ran "
            f"(out of memory? try smaller shards)"
        )
        raise _WorkerKilled(order.stage.name(), str(order.unit), problem=problem)

    def _submit(self, order: UnitOrder, workers: int = 0) -> Future[tuple[Shard, ...]]:
        if self._pool is None:  # made here: what it starts beside the workers undoes the block
            self._pool = ProcessPoolExecutor(
                workers or self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin_worker,
                initargs=(os.getpid(),),
            )
        with deaf_to_ctrl_c():  # a worker may be started
            return self._pool.submit(_make_on_worker, order)


class _WorkerKilled(StageFailed):
    """A unit ends every worker that makes it."""


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

    It does not hear Ctrl-C, which is the parent's to answer: it ends the workers.
    """
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    seek_garbage_seldom()
    use_numba_cache()
    leave_pandas_aside()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(137)
