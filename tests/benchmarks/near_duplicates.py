"""Near-duplicate search: how fast texts are signed, what is found, and what a million cost.

    python -m tests.benchmarks.near_duplicates [--runs 3] [--speed] [--quality] [--documents N]

`--speed` signs the books on one core, in turns with datatrove, datasketch and rensa, each in a
process of its own. `--quality` searches the pages whose pairs are known exactly, the planted
copies of articles, and copies of book pieces with words replaced. `--documents` makes so many book
pieces, a third of them copies (see book_pieces.py), signs them and finds their clusters, through a
store as a run does, with two workers. What is printed is JSON; all of it goes to
build/near_duplicates.json.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.shingling import Unspaced
from pipeline.dedup.signatures import Signatures
from pipeline.run.executors import Pool
from pipeline.store import Store
from schemas.runtime import Runtime
from tests.benchmarks import books
from tests.benchmarks.book_pieces import LEVELS, BookPieces, doc_id, edited, level, original
from tests.benchmarks.data_path import ROOT, on_core, output, processor, say
from tests.benchmarks.held_memory import Memory
from tests.benchmarks.peers import python_of, step_of
from tests.pipeline.dedup import test_quality as known
from tests.support import Silent, runner

OUT = ROOT / "build/near_duplicates.json"
BANDS_OF_SIMILARITY = (0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
WORKERS = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--documents", type=int, default=0)
    given = parser.parse_args()
    told = {"commit": output("git", "rev-parse", "HEAD"), "processor": processor()}
    if given.speed:
        told["speed"] = speed(given.runs)
    if given.quality:
        told["quality"] = [*pairs(), *articles(), *planted()]
    if given.documents:
        told["scale"] = scale(given.documents)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1))


def speed(runs):
    """Megabytes (10^6) of text a second, and how many times as fast as each peer ours is."""
    with tempfile.TemporaryDirectory() as place:
        documents = Path(place) / "documents.jsonl"
        rows = books.rows()
        size = sum(len(row["text"].encode()) for row in rows)
        books.write_documents(documents, rows)
        commands = {
            "ours": [sys.executable, "-m", "tests.benchmarks.our_steps", "signatures", documents],
            "rensa": [python_of("datatrove"), "-m", "tests.peers.minhash", "rensa", documents],
            "datasketch": [sys.executable, "-m", "tests.peers.minhash", "datasketch", documents],
            "datatrove": step_of("datatrove", "signatures", documents),
        }
        taken = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(on_core(command)["cpu_seconds"])
    figures = {
        name: {
            "megabytes_per_second": round(size / statistics.median(each) / 1e6, 3),
            "ratio": round(
                statistics.median(t / o for t, o in zip(each, taken["ours"], strict=True)), 1
            ),
        }
        for name, each in taken.items()
    }
    say(figures)
    return figures


def pairs():
    """Recall of the known pairs and precision of what leaves, for both ways of finding words.

    The pairs' own rule takes a run of a script without spaces for a word, as `runs` does.
    """
    for name in ("installguide_en", "gimp"):
        texts, exact = known.known_pairs(name)
        for unspaced in get_args(Unspaced):
            instead = known.kept_instead(texts, *known.signed(texts, unspaced), unspaced)
            true = known.of_those_who_left(instead, exact)
            chosen = {
                f"{low} to {min(high, 1)}": [p for p, like in exact.items() if low <= like < high]
                for low, high in pairwise(BANDS_OF_SIMILARITY)
            }
            chosen["0.8 to 1 by these words"] = [
                pair for pair in exact if known.similarity(texts, pair, unspaced) >= 0.8
            ]
            told = {
                "pages": name,
                "words": unspaced,
                "left": len(true),
                "precision": float(np.mean([jaccard >= 0.8 for jaccard in true])),
                "parted": {band: counts(some, instead) for band, some in chosen.items()},
            }
            say(told)
            yield told


def counts(some, instead):
    """How many pairs there are, and of how many one at least has left."""
    return {"pairs": len(some), "parted": sum(known.parted(pair, instead) for pair in some)}


def articles():
    """The planted copies of articles: how many of how many are found, and what else is."""
    for count in (100, 1000, 2500):
        found, planted_pairs = known.found_and_planted(count)
        told = {
            "articles": count,
            "planted": len(planted_pairs),
            "found": len(found & planted_pairs),
            "others": len(found - planted_pairs),
        }
        say(told)
        yield told


def planted():
    """Copies of the books' pieces with words replaced: the share found at each similarity."""
    texts = books.texts()[:2000]
    for wanted in LEVELS:
        copies = [edited(text, wanted, n) for n, text in enumerate(texts)]
        together = texts + copies
        true = [known.similarity(together, (n, n + len(texts))) for n in range(len(texts))]
        instead = known.kept_instead(together, *known.signed(together))
        gone = [instead[n] != n or instead[n + len(texts)] != n + len(texts) for n in range(2000)]
        above = [each for each, jaccard in zip(gone, true, strict=True) if jaccard >= 0.8]
        told = {
            "planted_at": wanted,
            "similarity": round(float(np.mean(true)), 4),
            "found": round(float(np.mean(gone)), 4),
            "at_least_.8": len(above),
            "found_of_those": round(float(np.mean(above)), 4) if above else None,
            "wrong": sum(a and j < 0.8 for a, j in zip(gone, true, strict=True)),
        }
        say(told)
        yield told


def scale(documents):
    """Sign and compare many documents; minutes, and the most memory that all processes held."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as place:
        store = Store.at(Path(place) / "store")
        seconds, cpu = {}, {}
        runtime = Runtime(store=store.uri, runner="pool", workers=WORKERS)
        with Memory() as memory, closing(Pool(WORKERS)) as pool:
            make = runner(store, executor=pool, runtime=runtime, listener=Silent())

            def timed(stage, **inputs):
                began, before = time.monotonic(), memory.cpu()
                made = make(stage, **inputs)
                seconds[made.stage] = round(time.monotonic() - began, 1)
                cpu[made.stage] = round(memory.cpu() - before, 1)
                return made

            pieces = timed(BookPieces(documents=documents))
            memory.begin()
            read = {"documents": pieces, "private_data": pieces}
            signatures = timed(Signatures(), **read, verdicts=pieces)
            at_signing = memory.most
            memory.begin()
            clusters = timed(Clusters(), **read, pages=pieces, signatures=signatures)
            make.close()  # or it says that it is there, in a folder that is going
        told = {
            "documents": documents,
            "workers": WORKERS,
            "seconds": seconds,
            "cpu_seconds": cpu,
            "gigabytes_signing": round(at_signing / 1e9, 2),
            "gigabytes_clusters": round(memory.most / 1e9, 2),
            **found_of(store, clusters.manifest, documents),
        }
        say(told)
    return told


def found_of(store, manifest, documents):
    """Of the copies of each similarity the share that left or took their original's place."""
    numbers = {doc_id(n): n for n in range(documents)}
    found, wrong = Counter(), 0
    rows = store.read(manifest, "ledger", ["doc_id", "kept"])
    for left, kept in zip(rows["doc_id"].to_pylist(), rows["kept"].to_pylist(), strict=True):
        pair = sorted((numbers[left], numbers[kept]))
        if level(pair[1]) is not None and original(pair[1]) == pair[0]:
            found[level(pair[1])] += 1
        else:
            wrong += 1
    planted_at = Counter(level(n) for n in range(documents))
    shares = {str(at): round(found[at] / planted_at[at], 4) for at in LEVELS if planted_at[at]}
    return {"found_of_planted": shares, "others_left": wrong}


if __name__ == "__main__":
    main()
