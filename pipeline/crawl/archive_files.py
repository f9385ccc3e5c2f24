"""Archives in files of this machine: which they are, and that each is read once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from pipeline.crawl.archives import Archive, told
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.member_memory import MemberMemory, Met
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
        memory = MemberMemory(visit)
        archives = [
            Archive(file.name, str(file.path), partial(self.found_in, file, memory))
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
        yield from memory.noted()

    @abstractmethod
    def found_in(
        self, file: SourceFile, memory: MemberMemory
    ) -> Iterator[Page | Refused | str | Met]:
        """The pages of one file; a word for what is no page, for counting.

        `memory`: of gzip members that need not be unpacked.

        Raises:
            Damage: it cannot be read any further.
            BadSourceFile: it is none of these archives.
        """
