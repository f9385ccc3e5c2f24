"""What an extractor is: HTML in, the text of the page out."""

from abc import abstractmethod
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BeforeValidator, SerializeAsAny

from pipeline.block import Block


class Extracted(NamedTuple):
    """What an extractor found in a page."""

    text: str  # paragraphs on lines of their own; "" where the page has no text
    title: str | None
    language: str | None  # as <html lang> declares it


class Extractor(Block):
    """Finds the text of a page.

    `extract` is a pure function of the HTML and the extractor's own fields: no clock, no network,
    nothing remembered from page to page. It may raise; the page is then quarantined. It may even
    hang or take all memory: it runs in a process that is killed for that.
    """

    home: ClassVar[str] = "pipeline.extract.extractors"

    @abstractmethod
    def extract(self, html: str, url: str) -> Extracted:
        """The text, title and language of a page."""


AnyExtractor = Annotated[SerializeAsAny[Extractor], BeforeValidator(Extractor.parse)]
