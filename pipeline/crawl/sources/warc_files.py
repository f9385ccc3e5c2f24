"""Pages from WARC files."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from pipeline.crawl.archive_files import ArchiveFiles
from pipeline.crawl.archived import pages_in
from pipeline.crawl.archives import WARC_ENDINGS, refuse_wat
from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.files import SourceFile
from pipeline.crawl.member_memory import MemberMemory, Met
from pipeline.crawl.source import Found, Page, Refused, Visit


class WarcFiles(ArchiveFiles):
    """Reads the HTML and plain-text pages out of WARC and WET files, Common Crawl's for example.

    Of the records, responses of status 200 are taken, and texts that were made of pages (WET); of
    several with one address the first, and the others go to the ledger. What else the files hold is
    counted in the log. A record whose digests do not fit is quarantined. Files may be packed by
    gzip, or by Zstandard with or without a dictionary.

    Fields:
        paths: files or patterns, `crawl/*.warc.gz`; `**` means folders at any depth, `{date}`
            a day: a window takes the files of days up to its own.
        most_bytes: of one page, unpacked; a larger one is quarantined.
        tolerate_damage: keep what stands before the damage in a broken file and warn; otherwise
            that is an error once everything else is read.
    """

    pages_of: ClassVar[str] = "warc"
    remedy: ClassVar[str] = (
        "Check that they are WARC files with HTML or plain-text responses, or WET files."
    )

    most_bytes: int = Field(default=10 << 20, gt=0)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once, but for packed records that the earlier window had."""
        memory = MemberMemory(visit)
        yield from self.tell(visit, partial(self.found_in, memory=memory))
        yield from memory.noted()

    def found_in(
        self, file: SourceFile, memory: MemberMemory | None = None
    ) -> Iterator[Page | Refused | str | Met]:
        """The pages of one file."""
        refuse_wat(str(file.path))
        if not file.name.endswith(WARC_ENDINGS):
            raise BadSourceFile(
                str(file.path),
                problem=f"it is none of {', '.join(WARC_ENDINGS)}",
                remedy="Convert ARC and lz4 files with `warcio recompress`, or name others.",
            )
        opened = file.path.open("rb")
        yield from pages_in(opened, most_bytes=self.most_bytes, memory=memory)
