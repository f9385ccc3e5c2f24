"""What a refresh costs: CPU seconds of a second snapshot, beside those of a run from scratch.

    python -m tests.benchmarks.refresh [--documents 100000] [--share 0.01] [--bytes 3000]

Documents are pieces of public-domain books with seeded edits, as long as pages of the web are once
they are text, in JSON Lines files of 10,000. The second snapshot has a share of them changed, as
many added and as many gone, at random. Both go from pages to corpus in processes of their own: once
over what the first snapshot made, once from nothing. Their corpora have to be equal. CPU seconds
are of all processes of a run, its start among them.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.store import Store
from tests.benchmarks import books

ROOT = Path(__file__).parents[2]
FILE = 10_000
RECIPE = """
name = "books"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/SNAPSHOT/*.jsonl"]
columns = { url = "url" }
[clusters]
keep = "longest"
[runtime]
workers = 1
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--bytes", type=int, default=3000, help="of a document, on average")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        folder, chance = Path(place), random.Random(given.seed)
        documents = first_snapshot(given.documents, given.bytes, chance)
        write(folder, "snapshot", documents)
        first = timed(folder, "one")
        documents = second_snapshot(documents, given.share, chance)
        write(folder, "snapshot", documents)
        second = timed(folder, "one", "--refresh")
        scratch = timed(folder, "two")
        same = digest(folder / "one") == digest(folder / "two")
        say(
            {
                "documents": given.documents,
                "bytes": given.bytes,
                "share": given.share,
                "first": first,
                "refresh": second,
                "from_scratch": scratch,
                "cpu_share": round(second["cpu_seconds"] / scratch["cpu_seconds"], 4),
                "equal_corpora": same,
            }
        )
        assert same


def first_snapshot(count, size, chance):
    """URL -> text: pieces of books in turn, each time with other words taken out."""
    piece = round(size / books.LEFT)
    pieces = books.pieces(piece, piece // 2 + 1)
    return {
        url(number): books.thinned(pieces[number % len(pieces)], chance) for number in range(count)
    }


def second_snapshot(documents, share, chance):
    """Some changed, some new, some gone."""
    urls, count = list(documents), int(len(documents) * share)
    chosen = chance.sample(urls, 2 * count)
    gone = set(chosen[count:])
    after = {at: text for at, text in documents.items() if at not in gone}
    for at in chosen[:count]:
        after[at] = books.thinned(after[at], chance)
    for number in range(count):
        after[url(len(urls) + number)] = books.thinned(documents[chance.choice(urls)], chance)
    return after


def url(number):
    return f"https://host{number % 97}.example/{number}"


def write(folder, name, documents):
    place = folder / name
    place.mkdir(exist_ok=True)
    rows = list(documents.items())
    for old in place.glob("*"):
        old.unlink()
    for at in range(0, len(rows), FILE):
        lines = "".join(json.dumps({"url": u, "text": t}) + "\n" for u, t in rows[at : at + FILE])
        (place / f"{at // FILE:05}.jsonl").write_text(lines)
    text = RECIPE.replace("FOLDER", str(folder)).replace("SNAPSHOT", name)
    (folder / "recipe.toml").write_text(text)


def timed(folder, store, *more):
    command = [sys.executable, "-m", "flows", "run", str(folder / "recipe.toml"), "--no-prefect"]
    command += ["--to", "corpus", "--store", str(folder / store), *more]
    began, before = time.monotonic(), cpu()
    # A package that is installed is compiled once, and not at each start.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-3000:]
    taken = {"cpu_seconds": cpu() - before, "wall_seconds": time.monotonic() - began}
    return {name: round(value, 2) for name, value in taken.items()}


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def digest(store):
    """Of the newest corpus."""
    return next(iter(Store.at(str(store)).manifests("corpus"))).digests


def say(told):
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
