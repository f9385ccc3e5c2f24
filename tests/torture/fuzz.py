"""Throws damaged and made-up input at every parser boundary, for a stated time.

    python -m tests.torture.fuzz --seconds 60 --seed 0
    python -m tests.torture.fuzz --only warc --seconds 600

Each target may raise only the errors that it declares, and must be done within a second of
processor time. The figures: inputs, those refused, the slowest; and each failure, with its input.
"""

import argparse
import random
import sys
import time

from tests.fuzzing import TARGETS

SLOWEST = 1.0  # seconds of processor time for one input


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(TARGETS), help="one target")
    given = parser.parse_args()
    failed = 0
    for name in [given.only] if given.only else sorted(TARGETS):
        failed += fuzzed(name, given)
    sys.exit(1 if failed else 0)


def fuzzed(name, given):
    """The failures of one target, told as they come."""
    chance = random.Random(f"{given.seed} {name}")
    target = TARGETS[name]
    target.warm()
    inputs = refused = failed = 0
    slowest = 0.0
    until = time.monotonic() + given.seconds
    while time.monotonic() < until:
        raw = target.made(chance)
        began = time.process_time()
        try:
            refused += target.tried(raw)
        except Exception as error:  # noqa: BLE001 (what it is, is the finding)
            failed += 1
            print(f"{name}: {error!r} for {raw[:300]!r}", flush=True)
        took = time.process_time() - began
        if took > SLOWEST:
            failed += 1
            print(f"{name}: {took:.1f} s for {raw[:300]!r}", flush=True)
        slowest = max(slowest, took)
        inputs += 1
    print(
        f"{name}: {inputs:,} inputs, {refused:,} refused, {failed} failed, "
        f"the slowest took {slowest * 1000:.0f} ms",
        flush=True,
    )
    return failed


if __name__ == "__main__":
    main()
