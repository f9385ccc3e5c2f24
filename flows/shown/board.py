"""The way to Prefect's server for what a run shows: beside the run, so that it waits for nothing.

One thread of its own sends, in order. A server that does not answer is tried again after a while
and told of once; what was to be shown meanwhile is lost, and the run is not.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from contextvars import copy_context
from types import TracebackType
from typing import Literal, NamedTuple, Self
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

ANSWER_SECONDS = 5.0  # for one request
PAUSE_SECONDS = 30.0  # without trying, after one that failed
LAST_SECONDS = 10.0  # for what is under way when the run has ended
MOST_BYTES = 1_000_000  # of one artifact: it is kept in Prefect's database

Kind = Literal["markdown", "table", "progress"]
Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


class Shown(NamedTuple):
    """One artifact."""

    key: str  # lower case, digits, dashes; Prefect shows the history of a key
    kind: Kind
    data: str | float  # Markdown; JSON of rows; percent
    description: str  # Markdown, too


class Board:
    """Where a flow run's artifacts are put up. Use it as a context."""

    def __init__(self, flow_run: UUID, log: Log) -> None:
        self._flow_run, self._log = flow_run, log
        self._moving: UUID | None = None  # the progress artifact
        self._closed_until, self._complained = 0.0, False
        self._client: SyncPrefectClient | None = None
        self._open = ExitStack()
        self._context = copy_context()  # so that the events of artifacts name the flow run
        self._sender = ThreadPoolExecutor(1, "artifacts")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The sender opened it and closes it, even if nobody waits: Prefect's settings are let go
        # only in the context that took them.
        last = self._sender.submit(self._context.run, self._open.close)
        if kind is None or issubclass(kind, Exception):  # who interrupts does not wait
            wait([last], LAST_SECONDS)
        self._closed_until = math.inf  # what still waits is dropped
        self._sender.shutdown(wait=False)

    def put(self, shown: Shown) -> None:
        """Put up an artifact."""
        if isinstance(shown.data, str) and len(shown.data.encode()) > MOST_BYTES:
            text = f"It takes more than {MOST_BYTES:,} bytes, and is not shown here."
            shown = shown._replace(kind="markdown", data=text)
        self._send(lambda client: self._create(client, shown))

    def move(self, shown: Shown) -> None:
        """Put up the run's progress, or move it on; dropped while others are under way."""
        if self._last is None or self._last.done():
            self.settle(shown)

    def settle(self, shown: Shown) -> None:
        """Move the progress on to where it stays."""

        def act(client: SyncPrefectClient) -> None:
            if self._moving is None:
                self._moving = self._create(client, shown)
            else:
                news = ArtifactUpdate(data=shown.data, description=shown.description)
                client.update_artifact(self._moving, news)

        self._send(act)

    def rename(self, name: str) -> None:
        """Give the flow run another name."""
        self._send(lambda client: client.update_flow_run(self._flow_run, name=name))

    def _create(self, client: SyncPrefectClient, shown: Shown) -> UUID:
        wanted = ArtifactCreate(
            key=shown.key,
            type=shown.kind,
            data=shown.data,
            description=shown.description,
            flow_run_id=self._flow_run,
        )
        return client.create_artifact(wanted).id

    def _send(self, act: Callable[[SyncPrefectClient], object]) -> None:
        self._last = self._sender.submit(self._context.run, self._act, act)

    def _act(self, act: Callable[[SyncPrefectClient], object]) -> None:
        if time.monotonic() < self._closed_until:
            return
        try:
            act(self._connected())
        except (httpx.HTTPError, PrefectException, OSError, RuntimeError, ValueError) as error:
            self._closed_until = max(self._closed_until, time.monotonic() + PAUSE_SECONDS)
            if not self._complained:
                self._complained = True
                self._log.warning(
                    "Prefect's server did not take what this run shows (%s). The run goes on; "
                    "its results are in the store.",
                    type(error).__name__,
                )

    def _connected(self) -> SyncPrefectClient:
        if self._client is None:
            self._open.enter_context(temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}))
            client = get_client(httpx_settings={"timeout": ANSWER_SECONDS}, sync_client=True)
            self._client = self._open.enter_context(client)
        return self._client
