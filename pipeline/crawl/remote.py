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
OK, PARTIAL = 200, 206
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
        """How often is asked for anything, and after which pauses; not any more once `over`."""
        return Tries(self.retries, self.backoff_seconds, over)


class Part(NamedTuple):
    """Some bytes of a file on a server."""

    url: str  # canonical
    start: int
    length: int


class Judgement(NamedTuple):
    """What is wrong with an answer."""

    problem: str  # "" where nothing is
    passing: bool = True
    seconds: float = 0.0  # that the server asks to be left alone for


class Tries(NamedTuple):
    """How often is asked for a file, or for a part of one."""

    retries: int
    backoff_seconds: float
    over: threading.Event

    def part(self, fetcher: Fetcher, part: Part, judge: Callable[[Answer], str]) -> Answer | str:
        """A part of a file; why it cannot be had, however often it is asked for.

        Args:
            fetcher: asks; no more is read than the part has bytes.
            part: what is asked for.
            judge: what is wrong with an answer of status 206, which may pass; "" where nothing is.
        """
        last = part.start + part.length - 1
        headers = {"Range": f"bytes={part.start}-{last}", "Accept-Encoding": "identity"}
        most_bytes = min(part.length, fetcher.limits.most_bytes)

        def ask() -> Answer:
            wanted = _of_status(PARTIAL)
            return fetcher.get(part.url, headers, most_bytes=most_bytes, wanted=wanted)

        return self._answer(ask, lambda answer: _judged(answer, PARTIAL, judge))

    def whole(self, fetcher: Fetcher, url: str) -> Answer | str:
        """A whole file; why it cannot be had, however often it is asked for.

        Args:
            fetcher: asks; no more is read than it may hold.
            url: canonical.
        """
        return self._answer(
            lambda: fetcher.get(url, wanted=_of_status(OK)),
            lambda answer: _judged(answer, OK, lambda _: ""),
        )

    def _answer(
        self, ask: Callable[[], Answer], judge: Callable[[Answer], Judgement]
    ) -> Answer | str:
        pause, problem = self.backoff_seconds, ""
        for left in range(self.retries, -1, -1):
            passing, asked = True, 0.0
            try:
                answer = ask()
                problem, passing, asked = judge(answer)
            except FetchFailed as error:
                problem, passing = str(error), error.passing
            else:
                if not problem:
                    return answer
            if not passing or not left or self.over.wait(min(max(pause, asked), LONGEST_PAUSE)):
                break
            pause *= 2
        return problem


def _of_status(status: int) -> Callable[[Answer], bool]:
    return lambda head: head.status == status


def _judged(answer: Answer, wanted: int, judge: Callable[[Answer], str]) -> Judgement:
    """What is wrong with an answer whose status should be `wanted`."""
    from pipeline.crawl.fetch import TRANSIENT, retry_after

    if answer.status in TRANSIENT:
        return Judgement(f"status {answer.status}", seconds=retry_after(answer))
    if answer.status != wanted:
        what = "a part of the file" if wanted == PARTIAL else "the file"
        return Judgement(f"status {answer.status} to a request for {what}", passing=False)
    return Judgement(judge(answer))
