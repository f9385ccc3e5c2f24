"""Where lineage events go: files in the store, and over HTTP where that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.lineage.post import Post, Target
from pipeline.errors import PipelineError
from pipeline.store import Store
from schemas.openlineage import RunEvent


class Outlet:
    """Takes events in order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        target = Target.of_environment()
        self._post = Post(target) if target else None
        self._number, self._said = 0, False

    def tell(self, event: RunEvent, run_id: str) -> None:
        """Write an event of a run down, and post it."""
        self._number += 1
        content = event.to_json()
        name = f"{run_id}-{self._number:04d}-{event.event_type}"
        with self.complaining():
            self._store.files.create(f"lineage/{event.event_time[:10]}/{name}.json", content)
        if self._post:
            self._post.send(content)

    @contextmanager
    def complaining(self) -> Iterator[None]:
        """What cannot be told of the store is said once; the run goes on."""
        try:
            yield
        except PipelineError as error:
            if not self._said:
                self._said = True
                print(f"Not all lineage events could be written: {error}", file=sys.stderr)

    def close(self, seconds: float) -> None:
        """Wait for what is not yet posted."""
        if self._post:
            self._post.close(seconds)
