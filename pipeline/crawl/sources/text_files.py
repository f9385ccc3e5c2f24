"""Documents that are a file each: books, notes, saved pages."""

import hashlib
import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from pydantic import Field

from pipeline.crawl.errors import NothingFound
from pipeline.crawl.files import SourceFile, check_machine, files_of, not_dated, unpacked
from pipeline.crawl.identity import doc_id
from pipeline.crawl.source import Found, Page, Refused, Rest, Source, Visit

HTML_ENDINGS = (".html", ".htm", ".xhtml")
PACKED = (".gz", ".zst")

log = logging.getLogger(__name__)


class TextFiles(Source):
    """Reads folders of texts and saved web pages: every file is a document.

    Files that end in `.html`, `.htm` or `.xhtml` are pages, all others plain text; those that end
    in `.gz` or `.zst` are unpacked. Encodings are found out as those of pages are. A document is
    called by its path below the folder that all patterns name.

    Fields:
        paths: files or patterns, `books/**/*.txt`; `**` means folders at any depth, `{date}` a
            day: a window takes the files of days up to its own.
        most_bytes: of one file, unpacked; a larger one is quarantined, as a damaged one is.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    most_bytes: int = Field(default=64 << 20, gt=0)

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        files = files_of(self.paths, visit.window)
        pages, refused = 0, ""
        for number, file in enumerate(files, 1):
            found = self._document(file)
            pages += isinstance(found, Page)
            if isinstance(found, Refused):
                refused = refused or found.detail
            if found:
                yield found
            visit.progress(number, len(files))
        if not pages and (refused or not visit.earlier):
            raise NothingFound(
                ", ".join(self.paths),
                because=f"All {len(files)} files are empty, too large or damaged.",
                refused=refused,
                remedy="Name files that hold text; raise most_bytes for larger ones.",
            )
        yield Rest("gone")  # what was refused has been told of by its address

    def _document(self, file: SourceFile) -> Page | Refused | None:
        """The document in a file; None where the file is empty."""
        url = quote(os.fsencode(file.name))  # which need not be UTF-8
        try:
            body = _read(file.path, self.most_bytes + 1)
        except (EOFError, OSError, zlib.error) as error:
            check_machine(error, file.path)
            log.warning("%s is damaged: %s. Fetch it again, or leave it out.", file.path, error)
            identity = doc_id("text", url, hashlib.sha256(b"damaged").digest())
            return Refused(identity, url, "damaged", f"{url}: the file is damaged: {error}")
        sha256 = hashlib.sha256(body).digest()
        identity = doc_id("text", url, sha256)
        if len(body) > self.most_bytes:
            detail = f"{url}: it has more than {self.most_bytes:,} bytes"
            return Refused(identity, url, "too_many_bytes", detail)
        if not body:
            return None
        return Page(
            url=url,
            source="text",
            doc_id=identity,
            payload_sha256=sha256,
            content_type="text/html" if _is_html(file.path) else "text/plain",
            body=body,
            status=200,
        )


def _is_html(path: Path) -> bool:
    name = path.with_suffix("").name if path.suffix.lower() in PACKED else path.name
    return name.lower().endswith(HTML_ENDINGS)


def _read(path: Path, most: int) -> bytes:
    """At most so many bytes of what is in a file."""
    with unpacked(path) as content:
        body = content.read(most)
        if not body and path.suffix.lower() in PACKED and not path.stat().st_size:
            raise EOFError("it is empty")
        return body
