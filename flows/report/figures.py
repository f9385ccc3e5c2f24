"""What a report says of a corpus, as plain values."""

from __future__ import annotations

from pydantic import Field

from flows.histograms.histogram import Histogram
from schemas.record import Record


class Station(Record):
    """How much came to a place on the way."""

    name: str
    documents: int
    text_bytes: int | None = (
        None  # UTF-8, before private data is redacted; None where it is no text
    )


class Example(Record):
    """A document that left; what is private in it is not shown."""

    url: str
    title: str | None = None
    text: str | None = None  # its beginning
    told: str  # why it left, without the rule


class Reason(Record):
    """Why documents left at one stage."""

    stage: str
    rule: str
    about: str = ""  # what the rule does
    settings: str = ""  # its thresholds
    documents: int  # that it took
    text_bytes: int | None = None  # of them
    every: int | None = None  # documents that it would drop, though an earlier rule may have
    alone: int | None = None  # documents that no other rule would drop
    examples: tuple[Example, ...] = ()


class Language(Record):
    """The documents of one language."""

    language: str  # BCP 47, or "" where nobody knows
    extracted: int = 0
    kept: int = 0  # by the rules
    corpus: int = 0
    text_bytes: int = 0  # of the corpus
    tokens: int = 0  # that train


class Domain(Record):
    """The documents of one registered domain; "" for texts without an address."""

    domain: str
    extracted: int = 0
    kept: int = 0  # by the rules
    corpus: int = 0
    text_bytes: int = 0  # of the corpus


class Member(Record):
    """A document that left for one that says the same."""

    url: str
    similarity: float | None = None  # 1 where the texts are equal


class Cluster(Record):
    """Documents that say the same: the one that stays, and some of the others."""

    size: int
    url: str
    title: str | None = None
    text: str | None = None
    members: tuple[Member, ...] = ()


class Duplicates(Record):
    """What the search for duplicates found."""

    clusters: int = 0  # with more than one document
    documents: int = 0  # in them
    sizes: tuple[tuple[int, int], ...] = ()  # (documents in a cluster, clusters of that size)
    similar: tuple[tuple[float, int], ...] = ()  # (lower end of a hundredth, near duplicates)
    largest: tuple[Cluster, ...] = ()


class Private(Record):
    """One kind of private data in the corpus, where each stands as a placeholder."""

    kind: str
    spans: int
    documents: int


class Tokens(Record):
    """How the training documents became rows."""

    documents: int
    tokens: int  # without the ends of documents
    rows: int
    used: float | None = None  # share of the rows' places that hold tokens
    lengths: Histogram


class Version(Record):
    """A version, and what it takes."""

    stage: str
    version: str
    shards: int
    stored_bytes: int
    cpu_seconds: float  # that making its shards took
    digests: dict[str, str]


class Report(Record):
    """Everything on the page."""

    name: str
    subject: str  # corpus@3f9c0a12b4de
    windows: tuple[str, ...] = ()
    stations: tuple[Station, ...] = ()
    reasons: tuple[Reason, ...] = ()
    signals: tuple[Histogram, ...] = ()
    read: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # signal -> rules that read it
    languages: tuple[Language, ...] = ()
    domains: tuple[Domain, ...] = ()  # the largest
    more_domains: int = 0
    duplicates: Duplicates = Duplicates()
    private: tuple[Private, ...] = ()
    private_documents: int = 0  # of the corpus, with any
    tokens: Tokens | None = None
    versions: tuple[Version, ...] = ()
