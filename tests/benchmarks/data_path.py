"""The data path beside its peers: one core, the same documents, one run.

    python -m tests.benchmarks.data_path [--documents FILE] [--first N] [--times 1] [--runs 3]
        [--steps signals,whole] [--peers datatrove,dolma,data_juicer]

FILE is JSON Lines with `id` and `text`; `--times` more of them: each again with other words taken
out, three in ten, which is no near duplicate. Every peer is installed into an environment of its
own below build/, at its pinned version, and runs with its documented settings (tests/peers). Steps
take turns, each in a new process on one core. Seconds are the processor's, of a process and all
that it starts, without a peer's start and imports. What is printed are medians; a ratio says how
many times as fast ours is. JSON with every run, the commit, the machine and the versions goes to
build/data_path.json.

`signals`: all numbers that rules may want (Gopher quality and repetition, C4, FineWeb, private
data; ours finds the language too), measured of every document. dolma has none of FineWeb's, and
finds the language by CLD2; data-juicer has no C4 or FineWeb, one n-gram of Gopher's nine, and no
language without a download. `signatures`: MinHash of word 5-grams; ours 140 values and exact
hashes, datatrove 112, data-juicer 256. `tokens`: dolma encodes and lays documents end to end, the
library `tokenizers` only encodes. `whole`: JSON Lines to kept, unique, packed tokens, with
everything written. Of ours it is from the start of the process to its end, and the median of five
runs, since it takes seconds where a peer takes minutes; what a run costs before its first document
is the line through a quarter of them and all; the ratio of further documents leaves out what comes
before, on both sides. dolma removes equal documents alone; data-juicer ends at kept, unique text.
"""

import argparse
import json
import os
import platform
import random
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
from tests.benchmarks.peers import PACKAGES, DoesNotInstall, python_of, step_of

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build/data_path.json"
CORE = 0
OUR_RUNS = 5  # of `whole`, in each turn
MUSTS = {"signals": 70, "repair": 40, "signatures": 100, "tokens": 20, "whole": 60}
PEERS = {  # who has the step; of the rest, why not
    "repair": ("ftfy",),
    "verdicts": (),
    "tokens": ("tokenizers", "dolma"),
    "signatures": ("datatrove", "data_juicer"),
    "signals": ("datatrove", "dolma", "data_juicer"),
    "whole": ("datatrove", "dolma", "data_juicer"),
}
LACKS = {
    "signatures": {"dolma": "finds equal documents only"},
    "tokens": {"data_juicer": "writes no tokens"},
}
LIBRARIES = ("ftfy", "tokenizers")  # they run in one process with ours
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
    parser.add_argument("--first", type=int, default=None, help="so many of them")
    parser.add_argument("--times", type=int, default=1, help="each, with other words taken out")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", default=",".join(PEERS))
    parser.add_argument("--peers", default="datatrove,dolma,data_juicer")
    given = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        told = compare(given, prepared(Path(place), given))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1))
    for line in table(told["medians"]):
        sys.stdout.write(line + "\n")


def prepared(folder, given):
    """A folder with the documents, a tokenizer learnt from them, and a recipe."""
    documents, chance = given.documents, random.Random(0)
    if not documents.exists():
        sys.exit(f"{documents} is not there: name JSON Lines with `id` and `text` by --documents.")
    rows = books.rows(documents)[: given.first]
    rows += [
        {"id": f"{row['id']} {time}", "text": books.thinned(row["text"], chance)}
        for time in range(1, given.times)
        for row in rows
    ]
    books.write_documents(folder / "documents.jsonl", rows)
    (folder / "quarter").mkdir()
    books.write_documents(folder / "quarter/documents.jsonl", rows[: len(rows) // 4])
    from pipeline.shard.tokenizer import Tokenizer

    encoder = Tokenizer(vocabulary=VOCABULARY).learn([row["text"] for row in rows])
    encoder.save(str(folder / "tokenizer.json"))
    (folder / "recipe.toml").write_text(RECIPE.replace("FOLDER", str(folder)))
    fewer = RECIPE.replace("FOLDER/documents.jsonl", "FOLDER/quarter/documents.jsonl")
    (folder / "quarter/recipe.toml").write_text(fewer.replace("FOLDER", str(folder)))
    return folder


def compare(given, folder):
    documents, tokenizer = folder / "documents.jsonl", folder / "tokenizer.json"
    texts = [json.loads(line)["text"] for line in documents.read_text().splitlines()]
    size = sum(len(text.encode()) for text in texts)
    missing = not_installed(given.peers.split(","))
    runs = {step: [] for step in given.steps.split(",")}
    if "whole" in runs:
        run(folder, folder / "quarter/recipe.toml")  # its loops are compiled
    for _ in range(given.runs):
        for step, taken in runs.items():
            more = [tokenizer] if step in ("tokens", "whole") else []
            told = whole(folder) if step == "whole" else alone(step, documents, *more)
            for peer in PEERS[step]:
                if peer not in (*LIBRARIES, *missing):
                    told["theirs"][peer] = theirs(peer, step, documents, *more)
                    assert step != "tokens" or told["theirs"][peer]["tokens"] == told["tokens"]
            taken.append(told)
            say({"step": step, **told})
    return {
        "commit": output("git", "rev-parse", "HEAD"),
        "machine": {"processor": processor(), "python": platform.python_version()},
        "load": os.getloadavg()[0],  # others at work on the machine
        "versions": {name: list(packages) for name, packages in PACKAGES.items()}
        | {name: version(name) for name in ("numba", "pyarrow", "tokenizers", "ftfy")},
        "documents": len(texts),
        "bytes": size,
        "medians": {step: medians(step, taken, size, missing) for step, taken in runs.items()},
        "runs": runs,
    }


def not_installed(asked):
    """Peers that take no part, and why."""
    missing = {}
    for peer in {name for peers in PEERS.values() for name in peers} - {*LIBRARIES}:
        if peer not in asked:
            missing[peer] = "not asked for"
            continue
        try:
            python_of(peer)
        except DoesNotInstall as error:
            missing[peer] = f"does not install here: {error.problem}"
    return missing


def theirs(peer, step, documents, *more):
    told = on_core(step_of(peer, step, documents, *more))
    if step == "whole":
        quarter = on_core(step_of(peer, step, documents.parent / "quarter/documents.jsonl", *more))
        told["start"] = start_of(quarter["cpu_seconds"], told["cpu_seconds"])
    return told


def alone(step, documents, *more):
    """Our step; a library of ours that is its peer runs in the same process."""
    told = on_core([sys.executable, "-m", "tests.benchmarks.our_steps", step, documents, *more])
    libraries = {
        name: {"cpu_seconds": told.pop(f"{name}_cpu_seconds")}
        for name in LIBRARIES
        if name in PEERS[step]
    }
    return {"ours": told.pop("cpu_seconds"), "theirs": libraries, **told}


def whole(folder):
    """All processes that a run starts, the parsers among them."""
    quarters = [run(folder, folder / "quarter/recipe.toml")[0] for _ in range(OUR_RUNS)]
    taken = [run(folder, folder / "recipe.toml") for _ in range(OUR_RUNS)]
    cpu, wall = (statistics.median(each) for each in zip(*taken, strict=True))
    start = start_of(statistics.median(quarters), cpu)
    return {
        "ours": cpu,
        "our_wall_seconds": wall,
        "our_runs": [seconds for seconds, _ in taken],
        "start": start,
        "theirs": {},
    }


def start_of(quarter, whole):
    """What comes before the first document: the line through a quarter of them and all."""
    return whole - (whole - quarter) / (1 - 1 / 4)


def run(folder, recipe):
    """Seconds of processor and of waiting of a recipe into a new store."""
    shutil.rmtree(folder / "store", ignore_errors=True)
    began, before = time.monotonic(), children()
    on_core(
        [sys.executable, "-m", "flows", "run", recipe, "--no-prefect", "--to", "tokens"], told=False
    )
    return children() - before, time.monotonic() - began


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


def medians(step, runs, size, missing):
    """Megabytes (10^6) of text a second, and of each peer the median of the runs' ratios."""
    size = runs[0].get("bytes", size)
    ours = statistics.median(run["ours"] for run in runs)
    figures = {"must": MUSTS.get(step), "our_megabytes_per_second": round(size / ours / 1e6, 2)}
    if "documents" in runs[0]:
        figures["our_documents_per_second"] = round(runs[0]["documents"] / ours)
    if "start" in runs[0]:
        figures["our_start_seconds"] = round(statistics.median(run["start"] for run in runs), 2)
    peers = {
        peer: {"says": missing[peer]} if peer in missing else beside(peer, runs, size)
        for peer in PEERS[step]
    }
    lacks = {peer: {"says": why} for peer, why in LACKS.get(step, {}).items()}
    return {**figures, "peers": peers | lacks}


def beside(peer, runs, size):
    taken = [run["theirs"][peer]["cpu_seconds"] for run in runs]
    ratio = statistics.median(each / run["ours"] for run, each in zip(runs, taken, strict=True))
    told = {
        "megabytes_per_second": round(size / statistics.median(taken) / 1e6, 3),
        "ratio": round(ratio, 1),
    }
    if "start" in runs[0]:
        told["ratio_of_further_documents"] = round(
            statistics.median(
                (run["theirs"][peer]["cpu_seconds"] - run["theirs"][peer]["start"])
                / (run["ours"] - run["start"])
                for run in runs
            ),
            1,
        )
    return told


def table(medians):
    """Lines for people."""
    yield f"{'step':11} {'ours MB/s':>9} {'peer':12} {'MB/s':>8} {'ratio':>7} {'further':>7}"
    for step, figures in medians.items():
        ours = f"{step:11} {figures['our_megabytes_per_second']:9.2f}"
        for peer, told in figures["peers"].items() or [("", {"says": "no peer has it"})]:
            if "says" in told:
                yield f"{ours} {peer:12} {told['says']}"
                continue
            further = told.get("ratio_of_further_documents", "")
            speed = f"{told['megabytes_per_second']:8.3f} {told['ratio']:7.1f}"
            yield f"{ours} {peer:12} {speed} {further:>7}"


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
