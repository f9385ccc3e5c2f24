"""What a results page shows: every figure of a run, as plain values that go into JSON and back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.jobs import Score
from schemas.record import Record


class Stations(Record):
    """How many documents came so far; None where the run stopped before."""

    pages: int | None = None
    extracted: int | None = None
    kept: int | None = None  # by the rules
    corpus: int | None = None  # unique, too
    train: int | None = None
    held_out: int | None = None


class Left(Record):
    """How many documents left at one place for one reason."""

    stage: str
    outcome: Literal["dropped", "quarantined", "duplicate"]
    rule: str
    documents: int


class LanguageFigures(Record):
    """One language, from its pages to how well the model foretells it."""

    language: str  # BCP 47, or "" where nobody knows
    extracted: int = 0  # documents
    corpus: int = 0  # documents
    tokens: int = 0  # that train, the ends of documents included
    text_bytes: int = 0  # that those tokens spell
    model: Score | None = None
    bigram: Score | None = None


class StageFigures(Record):
    """One stage: its version, and what it cost."""

    stage: str
    version: str  # 12 hex digits, and ~2 for a second outcome
    made: bool  # in this run; else it was there
    shards: int
    rows: str  # "464 documents"
    seconds: float  # of this run, or, where it was there, those that making its shards took
    digests: dict[str, str]
    reproducible: bool


class Leak(Record):
    """How near the documents that scores are measured on are to those that train."""

    held_out: int  # documents of the validation split when the set was chosen
    scored: int  # of them, those that nothing in training resembles
    threshold: float  # similarity to a training document that excludes
    most_similar: float  # of those scored
    median_similar: float


class Point(Record):
    """The loss at one step of training."""

    step: int
    loss: float  # nats per token


class Training(Record):
    """How a model was trained, and what it is worth."""

    curve: tuple[Point, ...] = ()
    tokens: int = 0  # targets learnt from
    tokens_per_second: float = 0
    model: Score | None = None
    bigram: Score | None = None
    passages: tuple[str, ...] = ()

    def fewer_bits(self) -> float | None:
        """The share of the bigram model's bits that the model does without; below 0: needs more."""
        if self.model is None or self.bigram is None or self.bigram.bits_per_byte == 0:
            return None
        return 1 - self.model.bits_per_byte / self.bigram.bits_per_byte


class Try(Record):
    """Something to do next, and the command that does it."""

    why: str
    command: str


class Figures(Record):
    """Everything on the page."""

    made_by: str  # a hash of the page's code and the recipe's words
    recipe: str
    description: str
    window: str
    windows: int = Field(default=1, description="that the pages are from")
    gone: int = Field(default=0, description="pages that a later window found gone")
    replaced: int = Field(default=0, description="records of pages that have a newer one")
    seconds: float = Field(default=0, description="of the run that made the newest of it")
    stations: Stations = Stations()
    left: tuple[Left, ...] = ()
    languages: tuple[LanguageFigures, ...] = ()
    private_data: dict[str, int] = Field(default_factory=dict)  # kind -> spans redacted
    text_bytes: int = 0  # of the training documents
    tokens: int = 0
    validation_tokens: int = 0
    training: Training | None = None
    leak: Leak | None = None
    stages: tuple[StageFigures, ...] = ()
    tries: tuple[Try, ...] = ()

    def gone_by(self, *outcomes: str) -> int:
        """Documents that left for reasons of these kinds."""
        return sum(each.documents for each in self.left if each.outcome in outcomes)

    def dropped_by_rules(self) -> int:
        """Documents that a rule of the recipe dropped."""
        return sum(each.documents for each in self.left if each.stage == "verdicts")

    def many_languages(self) -> int:
        """Languages that the corpus has documents of."""
        return sum(bool(each.language and each.corpus) for each in self.languages)
