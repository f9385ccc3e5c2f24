"""The data path beside its peers: one core, the same documents, one run.

    python -m tests.benchmarks.data_path [--documents FILE] [--runs 3] [--steps signals,whole]

FILE is JSON Lines with `id` and `text`. Every peer is installed into an environment of its own
below build/, at its pinned version, and runs with its documented settings. Steps take turns, each
in a new process on one core. What is printed are medians; a ratio says how many times as fast ours
is. JSON with every run, the commit, the machine and the versions goes to build/data_path.json.

`signals`: all numbers that rules may want (Gopher quality and repetition, C4, FineWeb, private
data; ours finds the language too), measured of every document. `whole`: JSON Lines to kept, unique,
packed tokens, from the start of the process to its end, with everything written.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import books
from tests.benchmarks.peers import PACKAGES, python_of

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build/data_path.json"
CORE = 0
MUSTS = {"signals": 70, "repair": 40, "signatures": 100, "tokens": 20, "whole": 60}
PEERS = {"repair": "ftfy_cpu_seconds", "tokens": "tokenizers_cpu_seconds"}
VOCABULARY = 16_384
RECIPE = """
name = "books"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/documents.jsonl"]
columns = { title = "id" }
[tokenizer]
file = "FOLDER/tokenizer.json"
[tokens]
context = 1024
[verdicts]
rules = ["empty_text", "word_count", "mean_word_length", "symbol_ratio", "bullet_lines",
    "ellipsis_lines", "alphabetic_words", "stop_words", "duplicate_lines", "duplicate_paragraphs",
    "top_ngrams", "duplicate_ngrams", "terminal_punctuation", "short_lines", "lorem_ipsum"]
[runtime]
store = "FOLDER/store"
runner = "process"
workers = 1
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=Path, default=books.BOOKS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", default="repair,verdicts,tokens,signatures,signals,whole")
    given = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        told = compare(given, prepared(Path(place), given.documents))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1))
    for step, figures in told["medians"].items():
        say({"step": step, **figures})


def prepared(folder, documents):
    """A folder with the documents, a tokenizer learnt from them, and a recipe."""
    if not documents.exists():
        sys.exit(f"{documents} is not there: name JSON Lines with `id` and `text` by --documents.")
    rows = books.rows(documents)
    books.write_documents(folder / "documents.jsonl", rows)
    from pipeline.shard.tokenizer import Tokenizer

    encoder = Tokenizer(vocabulary=VOCABULARY).learn([row["text"] for row in rows])
    encoder.save(str(folder / "tokenizer.json"))
    (folder / "recipe.toml").write_text(RECIPE.replace("FOLDER", str(folder)))
    return folder


def compare(given, folder):
    documents, tokenizer = folder / "documents.jsonl", folder / "tokenizer.json"
    texts = [json.loads(line)["text"] for line in documents.read_text().splitlines()]
    size = sum(len(text.encode()) for text in texts)
    runs = {step: [] for step in given.steps.split(",")}
    for _ in range(given.runs):
        for step, taken in runs.items():
            taken.append(STEPS.get(step, alone)(step, documents, tokenizer))
            say({"step": step, **taken[-1]})
    return {
        "commit": output("git", "rev-parse", "HEAD"),
        "machine": {"processor": processor(), "python": platform.python_version()},
        "versions": {name: list(packages) for name, packages in PACKAGES.items()}
        | {name: version(name) for name in ("numba", "pyarrow", "tokenizers", "ftfy")},
        "documents": len(texts),
        "bytes": size,
        "medians": {step: medians(step, taken, size) for step, taken in runs.items()},
        "runs": runs,
    }


def alone(step, documents, tokenizer):
    """A step whose peer is a library of ours too: both run in one process."""
    more = [tokenizer] if step == "tokens" else []
    told = on_core([sys.executable, "-m", "tests.benchmarks.our_steps", step, documents, *more])
    theirs = told.pop(PEERS[step]) if step in PEERS else None
    return {"ours": told.pop("cpu_seconds"), "theirs": theirs, **told}


def beside_datatrove(step, documents, tokenizer):
    ours = on_core([sys.executable, "-m", "tests.benchmarks.our_steps", step, documents])
    theirs = on_core(datatrove(step, documents))
    return {"ours": ours.pop("cpu_seconds"), "theirs": theirs["cpu_seconds"], **ours}


def whole(step, documents, tokenizer):
    """All processes that a run starts, the parsers among them."""
    folder = documents.parent
    command = [sys.executable, "-m", "flows", "run", folder / "recipe.toml", "--no-prefect"]
    shutil.rmtree(folder / "store", ignore_errors=True)
    began, before = time.monotonic(), children()
    on_core([*command, "--to", "tokens"], told=False)
    ours, wall = children() - before, time.monotonic() - began
    theirs = on_core([*datatrove(step, documents), tokenizer])
    return {
        "ours": ours,
        "theirs": theirs["cpu_seconds"],
        "our_wall_seconds": wall,
        "their_wall_seconds": theirs["wall_seconds"],
    }


STEPS = {"signals": beside_datatrove, "signatures": beside_datatrove, "whole": whole}


def datatrove(step, documents):
    return [python_of("datatrove"), ROOT / "tests/benchmarks/datatrove_steps.py", step, documents]


def on_core(command, *, told=True):
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]) if told else None


def children():
    """CPU seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def medians(step, runs, size):
    """Megabytes (10^6) of text a second, ours and theirs, and the median of the runs' ratios."""
    size = runs[0].get("bytes", size)
    ours = statistics.median(run["ours"] for run in runs)
    figures = {"our_megabytes_per_second": round(size / ours / 1e6, 2)}
    if "documents" in runs[0]:
        figures["our_documents_per_second"] = round(runs[0]["documents"] / ours)
    if runs[0]["theirs"]:
        theirs = statistics.median(run["theirs"] for run in runs)
        figures["their_megabytes_per_second"] = round(size / theirs / 1e6, 3)
        figures["ratio"] = round(statistics.median(run["theirs"] / run["ours"] for run in runs), 1)
    return figures | {"must": MUSTS.get(step)}


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def say(told):
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
