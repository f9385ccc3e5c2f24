"""The crash matrix: `python -m tests.torture.matrix`.

    python -m tests.torture.matrix                      every case, some points of each
    python -m tests.torture.matrix --every 1            every operation of every stage
    python -m tests.torture.matrix --case power damage --stages corpus clusters --seed 3

The real stages run on a small corpus, are cut short, and run again. After each point: all that can
be seen in the store is whole; the next run ends with the digests of an undisturbed one, so nothing
is lost and nothing doubled; garbage collection leaves no temporary file. The first failure ends the
command and leaves the store to look at; the seed repeats it.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # its threads do not survive a fork

from tests.torture.matrix import damage, full, kills, power, terms, windows
from tests.torture.matrix.ground import Ground

CASES = ("kill", "power", "full", "random", "drivers", "refreshes", "clock", "damage", "sigterm")
BY_STAGE = {"kill": kills.every_operation, "power": power.lost_at, "full": full.full_at}
MEMORY = Path("/dev/shm")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="*", default=CASES, choices=CASES)
    parser.add_argument("--stages", nargs="*", help="of kill, power, full and damage [all]")
    parser.add_argument("--every", type=int, default=25, help="only each such operation")
    parser.add_argument("--kills", type=int, default=300, help="of random")
    parser.add_argument("--drivers", type=int, nargs="*", default=(2, 8), help="at once [2 8]")
    parser.add_argument("--rounds", type=int, default=100, help="of drivers, for each number")
    parser.add_argument("--refreshes", type=int, default=200)
    parser.add_argument("--jumps", type=int, default=20)
    parser.add_argument("--stops", type=int, default=20, help="of sigterm")
    parser.add_argument("--damages", type=int, default=700)
    parser.add_argument("--documents", type=int, default=30, help="of random: 200")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    where = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="matrix-", dir=where))
    ground = Ground(folder / "ground", given.documents)
    tell(undisturbed_seconds=round(ground.seconds, 2), stages=ground.stages)
    for case in given.case:
        chance = kills.seeded(f"{given.seed} {case}")
        run(case, ground, given, chance)
    shutil.rmtree(folder)


def run(case, ground, given, chance):
    """One case, with a line for each of its rows."""
    if case in BY_STAGE:
        for stage in given.stages or ground.stages:
            with Timed(case, stage=stage, every=given.every) as row:
                row["points"] = BY_STAGE[case](ground, stage, every=given.every, chance=chance)
    elif case == "drivers":
        for count in given.drivers:
            with Timed(case, drivers=count) as row:
                rounds = range(given.rounds)
                row["points"] = sum(kills.drivers_at_once(ground, count, chance) for _ in rounds)
    else:
        with Timed(case) as row:
            row |= WHOLE[case](ground, given, chance)


def random_kills(ground, given, chance):
    points, looks = kills.random_times(ground, given.kills, chance)
    return {"points": points, "looks": looks}


def damages(ground, given, chance):
    made = [stage for stage in given.stages or ground.stages if stage != "pages"]
    ways = [damage.damaged(ground, chance.choice(made), chance) for _ in range(given.damages)]
    return {"points": len(ways), **Counter(ways)}


def refreshes(ground, given, chance):
    return {"points": windows.refreshes(ground, given.refreshes, chance)}


def clock_jumps(ground, given, chance):
    return {"points": sum(windows.clock_jumps(ground, chance) for _ in range(given.jumps))}


def stops(ground, given, chance):
    return {"points": terms.stopped_at(ground, given.stops, chance)}


WHOLE = {
    "random": random_kills,
    "refreshes": refreshes,
    "clock": clock_jumps,
    "damage": damages,
    "sigterm": stops,
}


class Timed:
    """A row of the matrix, printed when all its points have passed."""

    def __init__(self, case, **about):
        self._row = {"case": case, **about}

    def __enter__(self):
        self._began = time.monotonic()
        return self._row

    def __exit__(self, kind, *_):
        if kind is None:
            tell(**self._row, seconds=round(time.monotonic() - self._began, 1), passed=True)
        else:
            tell(**self._row, passed=False)


def tell(**row):
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
