"""What a page may cost: first what every machine measures alike, then time and memory."""

from pydantic import Field

from pipeline.extract.errors import Reason, Refused
from schemas.record import Record


class Limits(Record):
    """Bounds that a page must keep to.

    Of WCXB's 1,497 pages the largest has 5.3 MB and 15,793 tags. 100,000 tags without end tags cost
    trafilatura 3 s, 100,000 attributes on one tag cost resiliparse 56 s.
    """

    page_bytes: int = Field(default=8_000_000, gt=0, description="of a page, undecoded")
    tags: int = Field(default=100_000, gt=0, description="start tags of the page")
    depth: int = Field(default=500, gt=0, le=65_535, description="elements open at once")
    attributes: int = Field(default=1_000, gt=0, description="of one tag")
    seconds: float = Field(default=20, gt=0, description="a parser may work on a page")
    megabytes: int = Field(default=1_024, gt=0, description="a parser may take on top of its start")

    def check_size(self, payload: bytes) -> None:
        """Refuse a payload that is too large.

        Raises:
            Refused: `too_many_bytes`.
        """
        self._check(len(payload), self.page_bytes, Reason.TOO_MANY_BYTES, "bytes")

    def check_tags(self, html: str) -> None:
        """Refuse HTML that no parser should see.

        Raises:
            Refused: `too_many_tags`, `too_deep` or `too_many_attributes`.
        """
        from pipeline.extract.tags import scan  # numba takes half a second to import

        found = scan(html.encode("utf-8", "replace"), deepest=self.depth)
        self._check(found.depth, self.depth, Reason.TOO_DEEP, "elements open at once")
        self._check(found.tags, self.tags, Reason.TOO_MANY_TAGS, "tags")
        self._check(
            found.attributes, self.attributes, Reason.TOO_MANY_ATTRIBUTES, "attributes on one tag"
        )

    @staticmethod
    def _check(found: int, most: int, reason: Reason, what: str) -> None:
        if found > most:
            at_least = "at least " if reason is Reason.TOO_DEEP else ""
            raise Refused(reason, f"it has {at_least}{found:,} {what}; {most:,} are allowed")
