"""What a change of the policy comes to, as plain values."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.record import Record


class Side(Record):
    """What a policy drops."""

    documents: int = 0
    characters: int | None = None  # of their texts; None where `words` was not measured


class RuleEffect(Record):
    """What one rule drops now and would drop then, in documents.

    A document that several rules would drop counts as dropped by the first of them.
    """

    rule: str
    now: int = 0
    then: int = 0
    any_now: int = 0  # also those that an earlier rule drops
    any_then: int = 0


class LanguageEffect(Record):
    """The documents of one language."""

    language: str  # BCP 47, or "" where nobody knows
    documents: int = 0
    now: int = 0  # dropped
    then: int = 0  # dropped


class DomainEffect(Record):
    """The documents of one registered domain, or "" for texts without an address."""

    domain: str
    newly_dropped: int = 0
    newly_kept: int = 0


class Changed(Record):
    """A document that the change decides about; what is private in it is not shown."""

    change: Literal["newly dropped", "newly kept"]
    doc_id: str
    url: str
    title: str | None = None
    text: str | None = None
    rule: str  # that would drop it, or drops it now
    value: float | None = None
    threshold: float | None = None


class Effect(Record):
    """Everything that `penstock whatif` says."""

    verdicts: str  # the version that was made of the policy as it is
    changes: tuple[str, ...]
    documents: int = 0  # judged, and not replaced by a newer record or gone
    now: Side = Side()
    then: Side = Side()
    newly_dropped: Side = Side()
    newly_kept: Side = Side()
    rules: tuple[RuleEffect, ...] = ()
    languages: tuple[LanguageEffect, ...] = ()
    domains: tuple[DomainEffect, ...] = Field(default=(), description="that anything changes for")
    examples: tuple[Changed, ...] = ()
