"""Posting lineage events over HTTP, beside the run: what cannot be posted never fails it."""

from __future__ import annotations

import http.client
import os
import queue
import sys
import threading
import urllib.request
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit

POST_SECONDS = 5.0  # for one try, on the wire
PAUSES = (0.2, 1.0)  # seconds before the second and the third try
PROBLEMS = (OSError, http.client.HTTPException, ValueError)


class Target(NamedTuple):
    """Where events go, as OpenLineage's own clients are told: by the environment."""

    url: str
    key: str = ""  # a bearer token; it is in no log and no event

    @classmethod
    def of_environment(cls) -> Target | None:
        """OPENLINEAGE_URL with OPENLINEAGE_ENDPOINT, and OPENLINEAGE_API_KEY."""
        url = os.environ.get("OPENLINEAGE_URL", "").strip()
        endpoint = os.environ.get("OPENLINEAGE_ENDPOINT", "api/v1/lineage")
        if not url:
            return None
        key = os.environ.get("OPENLINEAGE_API_KEY", "")
        return cls(f"{url.rstrip('/')}/{endpoint.lstrip('/')}", key)

    def __str__(self) -> str:
        """Without user name, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class Post:
    """A thread that posts events in the order they come.

    A receiver that is away is tried three times; then this run posts no more. An event that the
    receiver refuses is left out. Either is said once, on standard error.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._said = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lineage-post", daemon=True)
        self._thread.start()

    def send(self, event: bytes) -> None:
        """Post an event some time soon."""
        self._waiting.put(event)

    def close(self, seconds: float) -> None:
        """Post what waits, for at most so long."""
        self._waiting.put(None)
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._over.set()
            self._say(f"it did not take all events within {seconds:g} s")

    def _work(self) -> None:
        while (event := self._waiting.get()) is not None:
            if not self._over.is_set() and not self._delivered(event):
                self._over.set()

    def _delivered(self, event: bytes) -> bool:
        """Post one event; False where the receiver is away."""
        problem = ""
        for pause in (0.0, *PAUSES):
            if self._over.wait(pause):
                return False
            try:
                self._post(event)
            except HTTPError as error:
                problem = f"it answered {error.code}"
                error.close()
                if error.code < 500 and error.code != http.HTTPStatus.TOO_MANY_REQUESTS:
                    self._say(problem)
                    return True  # this event is not to its liking; the next may be
            except PROBLEMS as error:
                problem = f"{type(error).__name__}: {getattr(error, 'reason', error)}"
            else:
                return True
        self._say(problem)
        return False

    def _post(self, event: bytes) -> None:
        if urlsplit(self._target.url).scheme not in ("http", "https"):
            msg = "it is neither http nor https"
            raise ValueError(msg)
        headers = {"Content-Type": "application/json", "User-Agent": "Penstock"}
        if self._target.key:
            headers["Authorization"] = f"Bearer {self._target.key}"
        request = urllib.request.Request(self._target.url, event, headers)
        with urllib.request.build_opener(_Stay).open(request, timeout=POST_SECONDS) as answer:
            answer.read(1 << 16)

    def _say(self, problem: str) -> None:
        if not self._said:
            self._said = True
            told = problem.replace(self._target.key, "...") if self._target.key else problem
            print(
                f"OpenLineage events are not all at {self._target}: {told}. "
                f"The run goes on; every event is in the store, under lineage/.",
                file=sys.stderr,
                flush=True,
            )


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key is for one receiver alone."""

    def redirect_request(self, *_: object) -> None:
        """None: a redirect is an answer like any other that is not 200."""
