"""Parsing pages where they can do no harm: in another process that is killed when it must be.

A page that hangs a parser or fills the memory costs that page, not its neighbours: the process is
killed, the page is tried once more alone, and refused for a reason that is marked environmental.
Pages go over in batches, while the next batch is being prepared, and one process serves a worker
for as long as it lives; so this costs a tenth of a millisecond a page.
"""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeAlias

from pipeline.extract.child import Child, Died
from pipeline.extract.errors import Reason
from pipeline.extract.extractor import Extractor
from pipeline.extract.frames import Message
from pipeline.extract.limits import Limits
from pipeline.extract.request import Reading, Refusal, Request

BATCH_PAGES = 64
BATCH_CHARACTERS = 4_000_000

Page: TypeAlias = Request | Reading | Refusal

_idle: dict[tuple[int, str], list[Child]] = {}  # (this process, setup) -> children


class Sandbox:
    """Reads pages as `reading.read` does, and outlives them."""

    def __init__(
        self, extractor: Extractor, limits: Limits, *, mend: bool, batch: int = BATCH_PAGES
    ) -> None:
        self._setup: dict[str, Any] = {
            "extractor": extractor.model_dump(mode="json"),
            "mend": mend,
            "megabytes": limits.megabytes,
            "html": False,  # what its process is ready for
        }
        self._seconds = limits.seconds
        self._batch = batch
        self._child: Child | None = None
        self._busy = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the process to the next sandbox of this kind, unless it is at work still."""
        if self._child and (self._busy or self._child.has_grown):
            self._child.kill()
        elif self._child:
            _idle.setdefault(self._kind, []).append(self._child)
        self._child = None

    def read(self, pages: Iterable[Page]) -> Iterator[Reading | Refusal]:
        """What each page says, in order; what is read or refused already is handed through."""
        waiting: list[Page] = []
        for batch in _batches(pages, self._batch):
            yield from self._collect(waiting)
            self._send(batch)
            waiting = batch
        yield from self._collect(waiting)

    def _collect(self, batch: list[Page]) -> Iterator[Reading | Refusal]:
        for place, page in enumerate(batch):
            if not isinstance(page, Request):
                yield page
                continue
            try:
                yield self._received()
            except Died:
                yield self._alone(page)
                self._send(batch[place + 1 :])
        self._busy = False

    def _alone(self, page: Request) -> Reading | Refusal:
        """Read a page that a process died over, in a new one and with nothing around it."""
        self._child = None
        self._send([page])
        try:
            return self._received()
        except Died as death:
            self._child = None
            return Refusal(death.reason, death.problem)

    def _received(self) -> Reading | Refusal:
        assert self._child is not None
        fields, texts = self._child.receive()
        if not texts:
            return Refusal(Reason(fields[0]), fields[1])
        return Reading(texts[0], *fields)

    def _send(self, batch: Iterable[Page]) -> None:
        requests = [page for page in batch if isinstance(page, Request)]
        if not requests:
            return
        html = any(page.is_html for page in requests)
        unready = html and not self._setup["html"]
        if self._child and (unready or self._child.has_grown or not self._child.is_alive):
            self._child.kill()
            self._child = None
        self._setup["html"] |= html
        message = Message([page[1:] for page in requests], [page.content for page in requests])
        self._busy = True
        self._child = self._child or self._started()
        try:
            self._child.send(message)
        except BrokenPipeError:  # it was killed while idle
            self._child.kill()
            self._child = Child(self._setup, seconds=self._seconds)
            self._child.send(message)

    def _started(self) -> Child:
        """A process that is idle, or a new one."""
        idle = _idle.get(self._kind, [])
        while idle:
            child = idle.pop()
            if child.is_alive:
                child.seconds = self._seconds
                return child
            child.kill()
        return Child(self._setup, seconds=self._seconds)

    @property
    def _kind(self) -> tuple[int, str]:
        return os.getpid(), json.dumps(self._setup, sort_keys=True)


def _batches(pages: Iterable[Page], most: int) -> Iterator[list[Page]]:
    """The pages in lists of at most `most` and of about `BATCH_CHARACTERS` at most."""
    batch: list[Page] = []
    characters = 0
    for page in pages:
        batch.append(page)
        characters += 0 if isinstance(page, Refusal) else len(page[0])
        if len(batch) >= most or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
