"""The threads of a crawl: each takes an order, asks a server, and hands back what came of it."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Order = TypeVar("Order")
Result = TypeVar("Result")


class Workers(Generic[Order, Result]):
    """At most `most` threads, begun when there is something for them to do."""

    def __init__(self, work: Callable[[Order], Result], *, most: int) -> None:
        self.busy = 0
        self._work, self._most = work, most
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._results: SimpleQueue[Result | BaseException] = SimpleQueue()
        self._threads: list[Thread] = []

    @property
    def free(self) -> int:
        """How many orders more would be begun at once."""
        return self._most - self.busy

    def begin(self, order: Order) -> None:
        """Let a thread work on an order."""
        self.busy += 1
        if self.busy > len(self._threads):
            thread = Thread(target=self._run, name=f"crawl-{self.busy}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._orders.put(order)

    def result(self, timeout: float | None) -> Result | None:
        """What came of an order; None where nothing comes in time.

        A mistake in a thread is raised here.
        """
        try:
            result = self._results.get(timeout=timeout)
        except Empty:
            return None
        self.busy -= 1
        if isinstance(result, BaseException):
            raise result
        return result

    def end(self) -> None:
        """Let every thread end after what it is working on; nobody waits for that."""
        for _ in self._threads:
            self._orders.put(None)

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            try:
                self._results.put(self._work(order))
            except BaseException as error:  # noqa: BLE001 - raised again where results are taken
                self._results.put(error)
