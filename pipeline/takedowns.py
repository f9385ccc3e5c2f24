"""What was taken down: a log in the store that every crawl and every source reads."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.sites import Subject
from pipeline.storage.files import Files
from pipeline.storage.log import Log
from schemas.artifact import Manifest
from schemas.takedown import Takedown

FOLDER = "takedowns/log"
PART = "taken_down"  # of the key of pages that were written without something


def takedown_log(files: Files) -> Log[Takedown]:
    """Every take-down, in the order in which they were asked for."""
    return Log(files, FOLDER, Takedown)


class Takedowns:
    """All that must stay out."""

    def __init__(self, records: Iterable[Takedown]) -> None:
        self.records = tuple(records)
        self._addresses = {each.subject: each for each in self.records if each.address}
        self._domains = [(each, subject_of(each)) for each in self.records if not each.address]
        self._known: dict[str, Takedown | None] = {}  # origin, or file -> what covers it

    @classmethod
    def of(cls, files: Files) -> Takedowns:
        """Those of a store."""
        log = takedown_log(files)
        return cls(log.get(number) for number in log.numbers())

    def covering(self, url: str) -> Takedown | None:
        """The take-down that keeps an address out, or None."""
        if not self.records:
            return None
        scheme, two_slashes, rest = url.partition("://")
        place = url.partition("#")[0]
        if two_slashes:
            place = f"{scheme}://{rest.partition('/')[0].partition('?')[0]}/"
        if place not in self._known:
            covers = (each for each, subject in self._domains if subject.covers(place))
            self._known[place] = next(covers, None)
        return self._addresses.get(url) or self._known[place]

    def keeps_any(self, urls: Iterable[str]) -> bool:
        """Whether any of some addresses must stay out."""
        return bool(self.records) and any(map(self.keeps_out, urls))

    def keeps_out(self, url: str) -> bool:
        """Whether an address must stay out."""
        return self.covering(url) is not None


def subject_of(record: Takedown) -> Subject:
    """What a take-down is about."""
    return Subject.address(record.subject) if record.address else Subject.domain(record.subject)


def in_force(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The versions without those whose place another took in a take-down, in the same order."""
    every = list(manifests)
    extras = [one.parts.get("extra", {}) for one in every]
    past = {str(extra[PART]["of"]) for extra in extras if PART in extra}
    return [one for one in every if one.ref.key not in past]
