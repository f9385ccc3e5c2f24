"""Archives in files of this machine: which they are, and that each is read once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from pipeline.crawl.archives import Archive, told
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.member_memory import Met
from pipeline.crawl.source import Found, Page, Refused, Source, Visit


class ArchiveFiles(Source):
    """A source whose files hold many pages each; what they share."""

    pages_of: ClassVar[str]  # the kind of the pages
    remedy: ClassVar[str]  # where no page is found

    paths: tuple[str, ...] = Field(min_length=1)
    tolerate_damage: bool = False

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        yield from self.tell(visit, self.found_in)

    def tell(
        self, visit: Visit, found_in: Callable[[SourceFile], Iterator[Page | Refused | str | Met]]
    ) -> Iterator[Found]:
        """What `found_in` finds in each file, and that there is no other page."""
        archives = [
            Archive(file.name, str(file.path), partial(found_in, file))
            for file in files_of(self.paths, visit.window)
        ]
        yield from told(
            archives,
            visit,
            source=self.pages_of,
            whole=True,
            tolerate_damage=self.tolerate_damage,
            remedy=self.remedy,
        )

    @abstractmethod
    def found_in(self, file: SourceFile) -> Iterator[Page | Refused | str | Met]:
        """The pages of one file; a word for what is no page, for counting.

        Raises:
            Damage: it cannot be read any further.
            BadSourceFile: it is none of these archives.
        """
