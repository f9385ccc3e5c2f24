"""Lists of archives, one path a line, as Common Crawl has them: `warc.paths.gz`, `wet.paths.gz`."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.crawl.archives import WARC_ENDINGS, refuse_wat
from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.unpacking import Damage, Unpacked

LONGEST_PATH = 1024  # bytes
MOST_LIST_BYTES = 64 << 20  # of a list; Common Crawl's have 10 MB unpacked
MOST_LINES = 1_000_000  # of a list; Common Crawl's have 100,000


def paths_in(file: BinaryIO, place: str) -> Iterator[str]:
    """Each path of a list, packed or not; empty lines are passed over.

    Args:
        file: the list.
        place: for messages.

    Raises:
        DamagedSource: the list is damaged.
        BadSourceFile: it is too large, or a line is no path of a WARC or WET file.
    """
    for number, line in enumerate(_lines(file, place), 1):
        try:
            path = line.strip().decode()
        except UnicodeDecodeError:
            path = ""
        if line.strip():
            _check(path, f"{place}, line {number}")
            yield path


def address(path: str, base: str) -> str | None:
    """Where a file lies below an address that ends with a slash; None where it does not."""
    url, below = canonical(path, base), canonical(base)
    return url if url and below and url.startswith(below) else None


def _lines(file: BinaryIO, place: str) -> Iterator[bytes]:
    left, size, count = b"", 0, 0
    try:
        unpacked = Unpacked(file)
        while piece := unpacked.piece():
            size += len(piece)
            *lines, left = (left + piece).split(b"\n")
            count += len(lines)
            if len(left) > LONGEST_PATH or size > MOST_LIST_BYTES or count > MOST_LINES:
                raise BadSourceFile(
                    place,
                    problem="it is no list of paths: a line, or all of it, is too long",
                    remedy=f"A list may have {MOST_LINES:,} lines of {LONGEST_PATH:,} bytes.",
                )
            yield from lines
    except Damage as damage:
        raise DamagedSource(
            place, problem=f"the list is damaged: {damage}", remedy="Fetch it again."
        ) from damage
    yield left


def _check(path: str, place: str) -> None:
    refuse_wat(path)
    if not path.lower().endswith(WARC_ENDINGS) or len(path) > LONGEST_PATH or "\0" in path:
        raise BadSourceFile(
            place,
            problem=f"{path[:80]!r} is no path of a WARC or WET file",
            remedy=f"Name a list with one path a line that ends in {', '.join(WARC_ENDINGS)}.",
        )
