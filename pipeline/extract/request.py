"""What a page is on its way into a parser, and what comes back: without any parser."""

from typing import NamedTuple

from pipeline.extract.errors import Reason


class Request(NamedTuple):
    """A page that is ready to be read."""

    content: str  # HTML, wikitext or plain text
    url: str
    is_html: bool
    hidden: str | None = None  # of wikitext alone: namespaces whose links show nothing


class Reading(NamedTuple):
    """What a page says."""

    text: str
    title: str | None
    language: str | None
    repaired: bool


class Refusal(NamedTuple):
    """Why a page is quarantined."""

    reason: Reason
    problem: str  # a sentence for people
