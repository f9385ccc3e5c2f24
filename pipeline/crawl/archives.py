"""Archives one after the other: their pages, and what is damaged or cannot be had of them."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.identity import doc_id
from pipeline.crawl.member_memory import Met
from pipeline.crawl.source import Found, Page, Refused, Rest, Unchanged, Visit
from pipeline.crawl.unpacking import Damage

WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz", ".wet.zst")
WAT_ENDINGS = (".wat", ".wat.gz", ".wat.zst")
MOST_FAILED = 5  # archives one after the other, before the server that has them is taken for gone
MOST_NAMED = 10  # in a message

log = logging.getLogger(__name__)


class Unavailable(Damage):
    """A file, or the rest of one, cannot be had now."""


class Unanswered(Unavailable):
    """A server does not give a file, or the rest of one."""


class Archive(NamedTuple):
    """A file with many pages in it."""

    name: str  # which another machine knows it by, too
    place: str  # for messages
    # What is in it: a word for what is no page, for counting; and what the window before had.
    found: Callable[[], Iterator[Page | Refused | str | Met]]


def told(
    archives: Sequence[Archive],
    visit: Visit,
    *,
    source: str,
    whole: bool,
    tolerate_damage: bool,
    remedy: str,
) -> Iterator[Found]:
    """All pages of some archives, and that there is no other.

    What is damaged is told as quarantined, beside the pages that stand before the damage.

    Args:
        archives: in order.
        visit: what is known from earlier.
        source: the kind of the pages.
        whole: these are all archives that there are.
        tolerate_damage: damage is no error.
        remedy: what to do where no page is found.

    Raises:
        DamagedSource: an archive is damaged, or a server gives none of many in a row.
        NothingFound: there is no page, and nothing is known from earlier.
    """
    left_out: Counter[str] = Counter()
    damaged: list[str] = []
    pages = in_a_row = 0
    for number, archive in enumerate(archives, 1):
        try:
            for found in _counted(archive, left_out):
                pages += isinstance(found, Page | Unchanged)
                yield found
            in_a_row = 0
        except Damage as damage:
            in_a_row = in_a_row + 1 if isinstance(damage, Unanswered) else 0
            damaged.append(f"{archive.place}: {damage}")
            log.warning("%s is damaged: %s; what stands before is kept.", archive.place, damage)
            yield _refused(archive, damage, source)
        if in_a_row == MOST_FAILED:
            raise _damaged(damaged, number)
        visit.progress(number, len(archives))
    log.info("Left out of %d archives: %s.", len(archives), dict(left_out) or "nothing")
    if damaged and not tolerate_damage:
        raise _damaged(damaged, len(archives))
    if not pages and not visit.earlier:
        raise _nothing(archives, left_out, remedy)
    if whole and not damaged:
        yield Rest("gone")


def _counted(archive: Archive, left_out: Counter[str]) -> Iterator[Page | Refused | Unchanged]:
    for found in archive.found():
        if isinstance(found, str):
            left_out[found] += 1
        elif isinstance(found, Met):
            left_out.update(found.left_out)
            if len(found.pages.numbers):
                yield found.pages
        else:
            yield found


def refuse_wat(place: str) -> None:
    """WAT files say in JSON what a crawl's pages link to; there is no text in them.

    Raises:
        BadSourceFile: it is one.
    """
    if place.lower().endswith(WAT_ENDINGS):
        raise BadSourceFile(
            place,
            problem="it is a WAT file, which tells of pages and holds no text of them",
            remedy="Name the WARC or the WET file of the same name: in Common Crawl's folders "
            "they lie beside wat/, in warc/ and wet/, and are listed in warc.paths.gz and "
            "wet.paths.gz.",
        )


def _refused(archive: Archive, damage: Damage, source: str) -> Refused:
    """What is lost of an archive, as one piece; known by where it lies."""
    identity = doc_id(source, archive.name, sha256(b"damaged archive").digest())
    away = isinstance(damage, Unavailable)
    why = "unavailable" if away else "damaged_archive"
    return Refused(identity, archive.name, why, f"from some place on: {damage}", away)


def _nothing(archives: Sequence[Archive], left_out: Counter[str], remedy: str) -> NothingFound:
    places = ", ".join(archive.place for archive in archives[:MOST_NAMED])
    because = f"The {len(archives)} files hold no page; left out: {dict(left_out)}."
    return NothingFound(places, because=because, remedy=remedy)


def _damaged(damaged: list[str], of: int) -> DamagedSource:
    return DamagedSource(
        "; ".join(damaged[:MOST_NAMED]),
        problem=f"{len(damaged)} of {of} files are damaged or cannot be had",
        remedy="Fetch them again, or set tolerate_damage = true to keep what stands "
        "before the damage.",
    )
