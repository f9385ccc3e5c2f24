"""How cost grows with documents: JSON Lines to tokens on 1 x, 4 x and 16 x as many.

    python -m tests.benchmarks.growth [--documents 10000]

Documents are pieces of public-domain books, about 1 kB each, three in ten of them edited copies of
others (see book_pieces). Each size is a run in a process of its own, after a small one that fills
the cache of compiled loops. What is printed, and goes to build/growth.json: for each stage the CPU
seconds, the most memory and the bytes written at each size; what each document costs that comes on
top, from 1 x to 4 x and from 4 x to 16 x, which has no part in what every run costs once; and the
exponent of growth between the last two sizes, log(cost / cost) / log(4): 1 is linear. The picture
is build/growth.svg.
"""

import argparse
import json
import math
import tempfile
from pathlib import Path

from tests.benchmarks.book_pieces import text
from tests.benchmarks.data_path import ROOT, output, processor, say
from tests.benchmarks.growth_chart import chart
from tests.benchmarks.stage_costs import costs_of

TIMES = (1, 4, 16)
FILE = 10_000  # documents
PIECES = 2  # of 500 characters, in a document
RECIPE = """
name = "growing"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/documents/*.jsonl"]
columns = { url = "url" }
[signals]
families = ["language", "words", "repetition", "private_data"]
[verdicts]
rules = ["empty_text", "word_count", "mean_word_length", "symbol_ratio", "bullet_lines",
    "ellipsis_lines", "alphabetic_words", "stop_words", "top_ngrams", "duplicate_ngrams"]
[tokenizer]
vocabulary = 8192
[tokens]
context = 1024
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    given = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    runs = {}
    with tempfile.TemporaryDirectory(dir=memory) as place:
        run(Path(place) / "first", 6_000)
        for times in TIMES:
            count = times * given.documents
            runs[count] = run(Path(place) / str(times), count)
            say({"documents": count, "stages": runs[count]})
    figures = {stage: figures_of(runs, stage) for stage in next(iter(runs.values()))}
    for stage, told in figures.items():
        say({"stage": stage, **told})
    told = {"commit": output("git", "rev-parse", "HEAD"), "processor": processor()}
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/growth.json").write_text(json.dumps({**told, "runs": runs, "stages": figures}))
    (ROOT / "build/growth.svg").write_text(chart(list(runs), figures))


def run(folder, count):
    """The costs of each stage on so many documents."""
    return costs_of(write_corpus(folder, count), folder / "store")


def write_corpus(folder, count):
    """Files of so many documents, and a recipe that makes tokens of them; gives its path."""
    (folder / "documents").mkdir(parents=True)
    for at in range(0, count, FILE):
        rows = range(at, min(at + FILE, count))
        lines = (
            json.dumps({"url": f"https://h{n % 97}.example/{n}", "text": text(n, PIECES)})
            for n in rows
        )
        (folder / f"documents/{at // FILE:05}.jsonl").write_text("\n".join(lines))
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.replace("FOLDER", str(folder)))
    return recipe


def figures_of(runs, stage):
    """A stage at each size, and how it grows."""
    sizes = list(runs)
    seconds = [runs[size][stage]["cpu_seconds"] for size in sizes]
    peaks = [runs[size][stage]["peak_bytes"] for size in sizes]
    step = math.log(sizes[-1] / sizes[-2])
    more = [(sizes[n + 1] - sizes[n], seconds[n + 1] - seconds[n]) for n in range(len(sizes) - 1)]
    return {
        "cpu_seconds": seconds,
        "microseconds_per_document": [round(1e6 * cost / count, 1) for count, cost in more],
        "exponent": round(math.log(max(seconds[-1], 1e-3) / max(seconds[-2], 1e-3)) / step, 2),
        "peak_megabytes": [round(peak / 1e6) for peak in peaks],
        "bytes_per_document": round(runs[sizes[-1]][stage]["bytes"] / sizes[-1]),
    }


if __name__ == "__main__":
    main()
