"""Pages from WARC files."""

import logging
from collections import Counter
from collections.abc import Iterator

from pydantic import Field

from pipeline.crawl.archived import held, page_in
from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.source import Found, Page, Refused, Rest, Source, Visit
from pipeline.crawl.warc_reader import Damage, WarcReader

ENDINGS = (".warc", ".warc.gz", ".wet", ".wet.gz")

log = logging.getLogger(__name__)


class WarcFiles(Source):
    """Reads the HTML and plain-text pages out of WARC and WET files, Common Crawl's for example.

    Of the records, responses of status 200 are taken, and texts that were made of pages (WET); of
    several with one address the first, and the others go to the ledger. What else the files hold is
    counted in the log.

    Fields:
        paths: files or patterns, `crawl/*.warc.gz`; `**` means folders at any depth, `{date}`
            a day: a window takes the files of days up to its own.
        most_bytes: of one page, unpacked; a larger one is quarantined.
        tolerate_damage: keep what stands before the damage in a broken file and warn; otherwise
            that is an error once everything else is read.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    most_bytes: int = Field(default=10 << 20, gt=0)
    tolerate_damage: bool = False

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        files = files_of(self.paths, visit.window)
        left_out: Counter[str] = Counter()
        damaged: list[str] = []
        pages = 0
        for number, file in enumerate(files, 1):
            try:
                for found in self._pages(file, left_out):
                    pages += isinstance(found, Page)
                    yield found
            except Damage as damage:
                damaged.append(f"{file.path}: {damage}")
                log.warning("%s is damaged: %s; what stands before is kept.", file.path, damage)
            visit.progress(number, len(files))
        log.info("Left out of %d WARC files: %s.", len(files), dict(left_out) or "nothing")
        if damaged and not self.tolerate_damage:
            raise DamagedSource(
                "; ".join(damaged),
                problem=f"{len(damaged)} of {len(files)} files are damaged",
                remedy="Fetch them again, or set tolerate_damage = true to keep what stands "
                "before the damage.",
            )
        if not pages and not visit.earlier:
            raise NothingFound(
                ", ".join(self.paths),
                because=f"The files hold no HTML or plain-text response, and no text; left out: "
                f"{dict(left_out)}.",
                remedy="Check that they are WARC files with response records, or WET files (WAT "
                "hold neither).",
            )
        if not damaged:
            yield Rest("gone")

    def _pages(self, file: SourceFile, left_out: Counter[str]) -> Iterator[Page | Refused]:
        if not file.name.endswith(ENDINGS):
            raise BadSourceFile(
                str(file.path),
                problem=f"it is none of {', '.join(ENDINGS)}",
                remedy="Convert ARC and lz4 files with `warcio recompress`, or name others.",
            )
        with WarcReader(file.path.open("rb"), most_bytes=held(self.most_bytes)) as reader:
            for record in reader.records():
                found = page_in(record, most_bytes=self.most_bytes)
                if not isinstance(found, str):
                    yield found
                else:
                    left_out[found] += 1
