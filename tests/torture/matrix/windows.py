"""Two hundred refreshes equal one run from scratch; clocks that jump change nothing."""

import random
import shutil
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from tests.forking import in_child
from tests.tiny_corpus import page, prose, write_pages
from tests.torture.matrix.ground import digests

PINNED = ("tokenizer", "validation", "tokens", "tokens.validation")  # they follow the first window
CORPUS = "corpus"


def refreshes(ground, count, chance):
    """Change a few pages and refresh, again and again; the corpus equals one from scratch."""
    root, pages = ground.folder / "refreshed", dict(ground.pages)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    source = ground.folder / "pages.jsonl"
    for number in range(count):
        if number:
            edit(pages, number, chance)
        write_pages(source, pages)
        window = (first + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert in_child(lambda window=window: ground.drive(root, window=window)) == 0
    again = ground.folder / "scratch"
    assert in_child(lambda: ground.drive(again, window=window)) == 0
    latest, scratch = newest(root, CORPUS), newest(again, CORPUS)
    assert latest == scratch, (latest, scratch)
    write_pages(source, ground.pages)
    shutil.rmtree(root)
    shutil.rmtree(again)
    return count


def edit(pages, number, chance):
    """A page edited, one new, one gone, one as it was before: each by chance."""
    known = sorted(pages)
    if chance.random() < 0.7:
        which = chance.choice(known)
        pages[which] = page(which, prose(1000 + number))
    if chance.random() < 0.5:
        pages[1000 + number] = page(1000 + number)
    if chance.random() < 0.4 and len(pages) > 15:
        del pages[chance.choice(known)]
    if chance.random() < 0.2:
        which = chance.choice(known)
        pages[which] = page(which)


def newest(root, stage):
    """The digests of the version that the newest run came to."""
    from pipeline.run.history import History
    from pipeline.store import Store

    found = History(Store.at(root, create=False), "tiny").previous(stage)
    return dict(found.digests)


def clock_jumps(ground, chance):
    """Run while the clock jumps forth and back by up to a year, at random."""
    root = ground.folder / "jumping"
    seed = chance.random()

    def act():
        real, jumps, state = time.time, random.Random(seed), {"by": 0.0}

        def jumping():
            if jumps.random() < 0.2:
                state["by"] = jumps.uniform(-1, 1) * 365 * 86_400
            return real() + state["by"]

        with patch("time.time", jumping):
            ground.drive(root)

    assert in_child(act) == 0
    assert digests(root) == ground.reference
    ground.after(root)
    shutil.rmtree(root)
    return 1
