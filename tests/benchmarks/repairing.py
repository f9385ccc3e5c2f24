"""Repair and normalisation against ftfy: `python -m tests.benchmarks.repairing`.

Pieces of public-domain books with curly quotes or accents in them (../shared/data/text), each by
ftfy as it is configured here followed by the plain normalisation, and by what a worker calls. The
texts must be equal. Correct is what ftfy leaves as it is; the damaged rest is timed apart. Process
seconds of one thread, turn by turn; prints JSON with medians.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from importlib.metadata import version
from itertools import islice

from pipeline.extract.form import formed
from pipeline.extract.normalise import normalise
from pipeline.extract.repair import repaired
from tests.benchmarks import books


def texts_of_books(most):
    """Texts that are not ASCII alone."""
    return list(islice((text for text in books.texts() if not text.isascii()), most))


def seconds(call, texts):
    """Process seconds of one call a text, and what they gave."""
    began = time.process_time()
    given = [call(text) for text in texts]
    return time.process_time() - began, given


def compared(texts, rounds):
    """MB/s of both ways, and how many times as fast ours is."""
    size = sum(len(text.encode()) for text in texts)
    took = {"ftfy": [], "penstock": []}
    for _ in range(rounds):
        slow, theirs = seconds(lambda text: normalise(repaired(text)), texts)
        quick, ours = seconds(lambda text: formed(text, mend=True)[0], texts)
        if theirs != ours:
            sys.exit("The texts differ.")
        took["ftfy"].append(slow)
        took["penstock"].append(quick)
    ratios = [slow / quick for slow, quick in zip(took["ftfy"], took["penstock"], strict=True)]
    speed = {name: round(size / statistics.median(each) / 1e6, 2) for name, each in took.items()}
    return {
        "texts": len(texts),
        "bytes": size,
        "megabytes_a_second": speed,
        "ratio": round(statistics.median(ratios), 1),
    }


def main():
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--texts", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=5)
    options = asked.parse_args()
    texts = texts_of_books(options.texts)
    damaged = [text for text in texts if formed(text, mend=True)[1]]
    report = {
        "correct": compared([text for text in texts if text not in damaged], options.rounds),
        "damaged": compared(damaged, options.rounds),
        "ftfy": version("ftfy"),
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
