"""What is written down when pages are taken down: what must stay out, by whom and why."""

from pydantic import Field

from schemas.record import Record


class Takedown(Record):
    """One take-down. It holds for every crawl, refresh and source from then on."""

    subject: str = Field(description="a URL in its canonical spelling, a domain, or a file")
    address: bool = Field(description="whether the subject is one address")
    who: str
    why: str
    when: str = Field(description="UTC, ISO 8601")
    documents: int = Field(default=0, description="records of pages that it took, of all versions")
