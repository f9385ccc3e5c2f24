"""How much memory a run takes, from files to tokens: a huge document, and a shard of tiny ones.

    python -m tests.benchmarks.memory [--rows 100000,1000000] [--huge]

`--rows`: a shard of so many documents of 40 bytes each. `--huge`: a text of 1 GB between ordinary
ones, as a file and as a line of JSON, and the largest that a recipe passes by default. What is
printed for each stage, and goes to build/memory.json: the most bytes that its process had resident,
and what it and its parsing process held together.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.benchmarks.data_path import ROOT, output, processor, say
from tests.benchmarks.stage_costs import costs_of

RECIPE = """
name = "memory"
[pages.source]
kind = "KIND"
paths = ["FOLDER/documents/*"]
[verdicts]
rules = ["empty_text"]
[tokenizer]
vocabulary = 1024
[tokens]
context = 1024
"""
WORDS = "Size does not always matter, but now and then it does; whoever tried it knows. "
GIGABYTE = 10**9
LARGEST = 7_999_000  # bytes: what `limits.page_bytes` of `documents` lets through by default
PIECE = 10**7


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="")
    parser.add_argument("--huge", action="store_true")
    given = parser.parse_args()
    told = {"commit": output("git", "rev-parse", "HEAD"), "processor": processor(), "runs": {}}
    cases = {f"{int(n):,} tiny documents": (tiny, int(n)) for n in given.rows.split(",") if n}
    if given.huge:
        cases |= {
            "no huge one": (files, 0),
            "one of 8 MB, the largest that passes": (files, LARGEST),
            "a file of 1 GB": (files, GIGABYTE),
            "a line of 1 GB": (lines, GIGABYTE),
        }
    for name, (write, size) in cases.items():
        with tempfile.TemporaryDirectory(prefix="penstock-memory-") as place:
            told["runs"][name] = run(Path(place), write, size)
        say({"run": name, **told["runs"][name]})
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/memory.json").write_text(json.dumps(told, indent=1))


def run(folder, write, size):
    """Stage -> megabytes of its process at most, and of all together; and what left."""
    (folder / "documents").mkdir()
    kind = write(folder / "documents", size)
    (folder / "recipe.toml").write_text(RECIPE.replace("FOLDER", str(folder)).replace("KIND", kind))
    costs = costs_of(folder / "recipe.toml", folder / "store", shard_documents=10**8)
    return {
        stage: {
            "megabytes": round(told["peak_bytes"] / 1e6),
            "together_megabytes": round(max(told["together_bytes"], told["peak_bytes"]) / 1e6),
            "cpu_seconds": told["cpu_seconds"],
            "left": told["left"],
        }
        for stage, told in costs.items()
    }


def tiny(folder, rows):
    """Lines of JSON with 40 bytes of text."""
    with (folder / "tiny.jsonl").open("w") as out:
        for row in range(rows):
            out.write(f'{{"text": "Document number {row:09d} is a tiny one."}}\n')
    return "jsonl_files"


def files(folder, size):
    """Ordinary texts, and one of so many bytes."""
    for number in range(100):
        (folder / f"{number:03d}.txt").write_text(f"{number} {WORDS * 20}")
    if size:
        with (folder / "huge.txt").open("w") as out:
            write_words(out, size)
    return "text_files"


def lines(folder, size):
    """Ordinary lines, and one of so many bytes between them."""
    with (folder / "huge.jsonl").open("w") as out:
        for number in range(50):
            out.write(json.dumps({"text": f"{number} {WORDS * 20}"}) + "\n")
        out.write('{"text": "')
        write_words(out, size)
        out.write('"}\n' + json.dumps({"text": f"last {WORDS * 20}"}) + "\n")
    return "jsonl_files"


def write_words(out, size):
    piece = (WORDS * (PIECE // len(WORDS) + 1))[:PIECE]
    while size > 0:
        out.write(piece[:size])
        size -= PIECE


if __name__ == "__main__":
    main()
