"""Files that lie elsewhere: who asks for them, how often, and piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Callable
from ipaddress import ip_network
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from pipeline.crawl.errors import FetchFailed
from pipeline.crawl.source import Source

if TYPE_CHECKING:
    from pipeline.crawl.fetch import Answer, Fetcher

COMMON_CRAWL = "https://data.commoncrawl.org/"
PARTIAL = 206
LONGEST_PAUSE = 60.0  # seconds before a try


class RemoteSource(Source):
    """A source whose files lie on a server; what they share of its settings."""

    pace: ClassVar[tuple[str, ...]] = ("connections", "seconds", "retries", "backoff_seconds")

    base: str = COMMON_CRAWL
    contact: str = ""
    most_bytes: int = Field(default=10 << 20, gt=0)
    loopback: bool = False
    networks: tuple[str, ...] = ()
    connections: int = Field(default=8, gt=0, le=64)
    seconds: float = Field(default=60.0, gt=0)
    retries: int = Field(default=8, ge=0)
    backoff_seconds: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        for network in self.networks:
            ip_network(network)
        if self.asks_others() and not self.contact and not self.loopback:
            msg = (
                "contact: say how the archive's owner reaches you, an e-mail address or a page; "
                "it is sent with every request"
            )
            raise ValueError(msg)
        return self

    def asks_others(self) -> bool:
        """Whether anything is asked of a server."""
        return True

    def fetcher(self, *, most_bytes: int) -> Fetcher:
        """What asks the server.

        Args:
            most_bytes: of one answer.
        """
        # The HTTP client takes 0.2 s to import.
        from pipeline.crawl.address import opened
        from pipeline.crawl.fetch import Fetcher, Limits, user_agent

        reachable = opened(self.networks, loopback=self.loopback)
        limits = Limits(most_bytes=most_bytes, seconds=self.seconds, connections=self.connections)
        return Fetcher(limits, user_agent=user_agent(self.contact), opened=reachable)

    def tries(self, over: threading.Event) -> Tries:
        """How often is asked for a part, and after which pauses; not any more once `over`."""
        return Tries(self.retries, self.backoff_seconds, over)


class Part(NamedTuple):
    """Some bytes of a file on a server."""

    url: str  # canonical
    start: int
    length: int


class Tries(NamedTuple):
    """How often is asked for a part of a file."""

    retries: int
    backoff_seconds: float
    over: threading.Event

    def answer(self, fetcher: Fetcher, part: Part, judge: Callable[[Answer], str]) -> Answer | str:
        """A part of a file; why it cannot be had, however often it is asked for.

        Args:
            fetcher: asks.
            part: what is asked for.
            judge: what is wrong with an answer of status 206, which may pass; "" where nothing is.
        """
        last = part.start + part.length - 1
        headers = {"Range": f"bytes={part.start}-{last}", "Accept-Encoding": "identity"}
        pause, problem = self.backoff_seconds, ""
        for left in range(self.retries, -1, -1):
            passing, asked = True, 0.0
            try:
                answer = fetcher.get(part.url, headers, wanted=lambda head: head.status == PARTIAL)
                problem, passing, asked = _judged(answer, judge)
            except FetchFailed as error:
                problem, passing = str(error), error.passing
            else:
                if not problem:
                    return answer
            if not passing or not left or self.over.wait(min(max(pause, asked), LONGEST_PAUSE)):
                break
            pause *= 2
        return problem


def _judged(answer: Answer, judge: Callable[[Answer], str]) -> tuple[str, bool, float]:
    """What is wrong with an answer, whether that passes, and the seconds that a server asks for."""
    from pipeline.crawl.fetch import TRANSIENT, retry_after

    if answer.status in TRANSIENT:
        return f"status {answer.status}", True, retry_after(answer)
    if answer.status != PARTIAL:
        return f"status {answer.status} to a request for a part of the file", False, 0.0
    return judge(answer), True, 0.0
