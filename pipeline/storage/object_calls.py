"""Calls to an object store: made again after what passes, told in a sentence where it stays.

What a store answers can quote keys of its user (a refused signature does), so its words are read
here and never handed on: neither in a sentence nor as the cause of one.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from obstore import exceptions

from pipeline.storage.errors import Refused
from pipeline.storage.object_client import new_client

if TYPE_CHECKING:
    from obstore.store import ObjectStore

T = TypeVar("T")
PATIENCE = 120.0  # seconds for what passes by itself: a busy store, a network that is away
FIRST_PATIENCE = 8.0  # as long as the store has never answered: its name or the network is wrong
LONGEST_PAUSE = 5.0  # seconds between two tries
FAILURES = (exceptions.BaseError, FileNotFoundError, NotImplementedError)  # the client's
LACKING = (exceptions.NotSupportedError, NotImplementedError)
PASSING = {408, 409, 425, 429, 500, 502, 503, 504}
PASSING_CODES = {"BadDigest", "IncompleteBody", "RequestTimeout", "SlowDown"}
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_REMEDIES = {
    "NoSuchBucket": "Make the bucket, or check --store.",
    "InvalidAccessKeyId": "Check AWS_ACCESS_KEY_ID in the environment of this process.",
    "SignatureDoesNotMatch": "Check AWS_SECRET_ACCESS_KEY in the environment of this process.",
    "ExpiredToken": "The session is over: put fresh credentials into the environment.",
    "RequestTimeTooSkewed": "Set this machine's clock: it is too far from the store's.",
    "PermanentRedirect": "Set AWS_REGION to the bucket's region.",
    "AuthorizationHeaderMalformed": "Set AWS_REGION to the bucket's region.",
}
_RIGHTS = (
    "Give the credentials of this process the right to read, list, write and delete there: they "
    "come from its environment (AWS_ACCESS_KEY_ID ...), or from the role of machine or pod."
)
_NETWORK = "Check the network, the endpoint (AWS_ENDPOINT_URL) and the region (AWS_REGION)."
_user: dict[str, int] = {}  # "pid" -> the process that has begun to use the client's threads


class Taken(Exception):
    """A file that was to be created is there, as the store says."""


class ShortAnswer(Exception):
    """Fewer bytes came than there are."""


class Calls:
    """The client of one place, and how long to go on asking it."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._client: ObjectStore | None = None
        self._answered = False
        self._lock = threading.Lock()

    def __call__(self, act: Callable[[ObjectStore], T], path: str = "") -> T:
        """What `act` gives; it may be carried out more than once, also after it has succeeded.

        Raises:
            FileNotFoundError: nothing is there.
            Taken: something is there already.
            Refused: the store refuses, or has not answered for long.
        """
        until = time.monotonic() + (PATIENCE if self._answered else FIRST_PATIENCE)
        pause = 0.1
        while True:
            failure: Exception | None = None
            try:
                found = act(self.client())
            except (*FAILURES, ShortAnswer) as error:
                failure = self._meaning(error, path)
            if failure is None:
                self._answered = True
                return found
            passing = isinstance(failure, Refused) and failure.status in {0, *PASSING}
            if not passing:
                self._answered = True
            if not passing or time.monotonic() + pause > until:
                try:
                    raise failure  # outside of the handler: what the store said is not its cause
                finally:
                    failure = None  # or the frames that it remembers would hold it, and all of us
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE)

    def client(self) -> ObjectStore:
        """The client, made where it is used: it must be neither sent nor forked.

        Raises:
            Refused: this process was forked from one that has used a client.
        """
        if _user.setdefault("pid", os.getpid()) != os.getpid():
            raise Refused(
                self.uri,
                problem="this process was forked from one that uses an object store",
                remedy="Start it anew (spawn): the client's threads are not there after a fork.",
                status=-1,
            )
        with self._lock:
            if self._client is None:
                self._client = new_client(self.uri)
            return self._client

    def _meaning(self, error: Exception, path: str) -> Exception:
        """What an error of the client means to us, without its words."""
        text = str(error)
        where = f"{self.uri}/{path}" if path else self.uri
        status = int(found[1]) if (found := _STATUS.search(text)) else 0
        code = found[1] if (found := _CODE.search(text)) else ""
        if code == "NoSuchBucket":
            return self._refused("there is no such bucket", code, 404)
        if isinstance(error, FileNotFoundError):
            return FileNotFoundError(where)
        if isinstance(error, exceptions.AlreadyExistsError | exceptions.PreconditionError):
            return Taken(where)
        if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError):
            return self._refused(f"access is denied{f' ({code})' if code else ''}", code, 403)
        if isinstance(error, LACKING) or status == 501:
            return self._refused("it lacks a function that Penstock needs", code, 501)
        if not status:
            return Refused(where, problem=_silence(error), remedy=_NETWORK)
        problem = f"it answers {status}{f' {code}' if code else ''}"
        return self._refused(problem, code, 503 if code in PASSING_CODES else status)

    def _refused(self, problem: str, code: str, status: int) -> Refused:
        usual = _RIGHTS if status in (401, 403) else "Look at the store's own state and log."
        remedy = _REMEDIES.get(code, usual)
        return Refused(self.uri, problem=problem, remedy=remedy, status=status)


def _silence(error: Exception) -> str:
    """Why no whole answer came, as far as the client's words let it be known."""
    if isinstance(error, ShortAnswer):
        return "its answers are cut short"
    lowered = str(error).lower()
    if "connection refused" in lowered:
        return "nobody answers there"
    if "timed out" in lowered or "timeout" in lowered:
        return "it does not answer in time"
    if "dns" in lowered or "name resolution" in lowered:
        return "its address is not found"
    if "certificate" in lowered:
        return "its certificate is not trusted"
    return "the connection breaks"
