"""How well and how fast private data is found, beside datatrove.

    python -m tests.benchmarks.private_data [--judged]

Prints precision and recall on the labelled set, by kind, by part and by language, ours and those of
datatrove's PII formatter (e-mail, IPv4), and megabytes a second of one core: process time, the
median of five turns, on books and on pages, where ../shared/data has them. A rate of nothing is a
dash.

With --judged it looks for private data in the real pages of ../shared/data instead (half a minute),
takes a sample of at most 60 hits of each kind, and prints how many of them a reader found right:
see real_hits.py.
"""

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa

from pipeline.signals.families.private_data import PrivateData
from pipeline.signals.private.kinds import KIND_NAMES
from tests.benchmarks import real_hits
from tests.benchmarks.peers import python_of
from tests.pipeline.signals.labelled_private import counted, labelled

DATA = Path(__file__).parents[3] / "shared/data"
TEXTS = ("text/books_chunks_sample5000.jsonl.gz", "dedup/gimp.docs.jsonl.gz")
ROWS = 256  # in a batch
TURNS = 5
THEIRS = """
import json, statistics, sys, time
from datatrove.pipeline.formatters.pii import PIIFormatter
mail, address = PIIFormatter().emails_replacer, PIIFormatter().ip_replacer
def spans(text):
    found = [(m.start(), m.end(), "email") for m in mail.regex.finditer(text)]
    for m in address.regex.finditer(text):
        if address.validator(m.group(0)):
            found.append((m.start(), m.end(), "ipv4"))
    at = lambda place: len(text[:place].encode())
    return [(at(start), at(stop), kind) for start, stop, kind in found]
given = json.load(sys.stdin)
whole = PIIFormatter()
def seconds(texts):
    began = time.process_time()
    for text in texts:
        whole.format(text)
    return time.process_time() - began
taken = [statistics.median(seconds(texts) for _ in range(5)) for texts in given["timed"]]
json.dump({"spans": [spans(text) for text in given["labelled"]], "seconds": taken}, sys.stdout)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--judged", action="store_true", help="precision on hits in real pages")
    return judged() if parser.parse_args().judged else compared()


def judged():
    """Of each kind what a reader said of a sample of hits, beside the labelled set."""
    known, family = real_hits.verdicts(), PrivateData()
    found = real_hits.hits()
    counts = counted(lambda text: family.spans(text.encode()), labelled())
    line("", ("found", "sample", "judged", "right", "precision", "labelled set"))
    for kind, hits in real_hits.sample(found).items():
        said = [known[hit.key] for hit in hits if hit.key in known]
        right = rate(sum(said), len(said))
        told = (len(found[kind]), len(hits), len(said), sum(said), right)
        line(kind, (*told, " ".join(rates(*counts, kind))))
    missing = sum(hit.key not in known for hits in real_hits.sample(found).values() for hit in hits)
    sys.stdout.write(f"without a judgement: {missing}\n")


def compared():
    """Precision, recall and speed beside datatrove's."""
    texts, family = labelled(), PrivateData()
    timed = {name: read(DATA / name) for name in TEXTS if (DATA / name).exists()}
    theirs = peer(texts, timed)
    finders = {
        "penstock": lambda text: family.spans(text.encode()),
        "datatrove": {
            text.text: [tuple(span) for span in spans]
            for text, spans in zip(texts, theirs["spans"], strict=True)
        }.get,
    }
    for name, find in finders.items():
        table(name, find, texts)
    for (name, each), seconds in zip(timed.items(), theirs["seconds"], strict=True):
        size = sum(len(text.encode()) for text in each) / 1e6
        ours = speed(family, each)
        sys.stdout.write(
            f"{name}: {size:.1f} MB, penstock {size / ours:.0f} MB/s, "
            f"datatrove {size / seconds:.1f} MB/s, {seconds / ours:.0f} times\n"
        )


def read(path):
    with gzip.open(path, "rt") as lines:
        return [json.loads(line)["text"] for line in lines]


def peer(texts, timed):
    """What datatrove finds, and the seconds that it takes."""
    given = {"labelled": [text.text for text in texts], "timed": list(timed.values())}
    done = subprocess.run(
        [python_of("datatrove"), "-c", THEIRS],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(re.search(r"\{.*\}", done.stdout, re.DOTALL)[0])


def table(name, find, texts):
    sys.stdout.write(f"{name}: precision and recall on the labelled set\n")
    groups = {"all": texts} | {
        part: [text for text in texts if text.part == part] for part in ("tuned", "held out")
    }
    languages = sorted({text.language for text in texts})
    groups |= {each: [text for text in texts if text.language == each] for each in languages}
    line("", KIND_NAMES)
    for group, members in groups.items():
        counts = counted(find, members)
        line(group, [" ".join(rates(*counts, kind)) for kind in KIND_NAMES])


def rates(right, wrong, missed, kind):
    """Precision and recall of a kind, as they are printed."""
    found, there = right[kind] + wrong[kind], right[kind] + missed[kind]
    return rate(right[kind], found), rate(right[kind], there)


def rate(part, whole):
    return f"{part / whole:.3f}" if whole else "-"


def line(name, cells):
    sys.stdout.write(" ".join((f"{name:12}", *(f"{cell:>13}" for cell in cells))) + "\n")


def speed(family, texts):
    """Seconds of a turn, as the stage calls it."""
    batches = [
        pa.record_batch(
            {
                "text": pa.array(texts[at : at + ROWS], pa.large_string()),
                "title": pa.array([text[:40] for text in texts[at : at + ROWS]]),
            }
        )
        for at in range(0, len(texts), ROWS)
    ]
    family.measure(batches[0])  # compiled, where nobody has yet

    def turn():
        began = time.process_time()
        for batch in batches:
            family.measure(batch)
        return time.process_time() - began

    return statistics.median(turn() for _ in range(TURNS))


if __name__ == "__main__":
    sys.exit(main())
