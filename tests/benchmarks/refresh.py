"""What a refresh costs: CPU seconds of a second snapshot, beside those of a run from scratch.

    python -m tests.benchmarks.refresh [--documents 100000] [--share 0.01] [--bytes 3000] [--html]

Documents are pieces of public-domain books with seeded edits, as long as pages of the web are once
they are text, in JSON Lines files of 10,000; with `--html`, as pages in WARC files of as many, so
that a run from scratch has to find the text in them. The second snapshot has a share of them
changed, as many added and as many gone, at random. Both go from pages to corpus in processes of
their own: once over what the first snapshot made, once from nothing. Their corpora have to be
equal. CPU seconds are of all processes of a run, its start among them.
"""

import argparse
import html
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pipeline.crawl.warc import WarcWriter, record_id
from pipeline.store import Store
from tests.benchmarks import books

ROOT = Path(__file__).parents[2]
FILE = 10_000
RECIPE = """
name = "books"
[pages.source]
SOURCE
[clusters]
keep = "longest"
[runtime]
workers = 1
"""
LINES = """kind = "jsonl_files"
paths = ["FOLDER/snapshot/*"]
columns = { url = "url" }"""
ARCHIVES = """kind = "warc_files"
paths = ["FOLDER/snapshot/*"]"""
MADE = datetime(2026, 1, 1, tzinfo=UTC)
PARAGRAPH = 60  # words
MENU = "".join(f'<li><a href="/part/{n}">Part {n} of the shelf</a></li>' for n in range(40))
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>TITLE</title>"
    '<link rel=stylesheet href="/shelf.css"><script>let shelf = {"open": true};</script></head>'
    f"<body><header><a href='/'>The shelf</a><nav><ul>{MENU}</ul></nav></header>"
    "<main><article><h1>TITLE</h1>BODY</article></main><aside><h2>More of the shelf</h2>"
    f"<ul>{MENU}</ul></aside><footer>All of it is in the public domain.</footer></body></html>"
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--bytes", type=int, default=3000, help="of a document, on average")
    parser.add_argument("--html", action="store_true", help="pages in WARC files")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        folder, chance = Path(place), random.Random(given.seed)
        documents = first_snapshot(given.documents, given.bytes, chance)
        write(folder, documents, as_html=given.html)
        first = timed(folder, "one")
        documents = second_snapshot(documents, given.share, chance)
        write(folder, documents, as_html=given.html)
        second = timed(folder, "one", "--refresh")
        scratch = timed(folder, "two")
        same = digest(folder / "one") == digest(folder / "two")
        say(
            {
                "documents": given.documents,
                "bytes": given.bytes,
                "html": given.html,
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


def write(folder, documents, *, as_html):
    """The snapshot, in the place of the one before, and the recipe that reads it."""
    place = folder / "snapshot"
    place.mkdir(exist_ok=True)
    rows = list(documents.items())
    for old in place.glob("*"):
        old.unlink()
    for at in range(0, len(rows), FILE):
        write_file = write_pages if as_html else write_lines
        write_file(place / f"{at // FILE:05}", rows[at : at + FILE])
    source = (ARCHIVES if as_html else LINES).replace("FOLDER", str(folder))
    (folder / "recipe.toml").write_text(RECIPE.replace("SOURCE", source))


def write_lines(path, rows):
    lines = "".join(json.dumps({"url": u, "text": t}) + "\n" for u, t in rows)
    path.with_suffix(".jsonl").write_text(lines)


def write_pages(path, rows):
    with WarcWriter(path.with_suffix(".warc.gz"), software="books", made=MADE) as writer:
        for at, text in rows:
            writer.response(
                at,
                status=200,
                headers=(("Content-Type", "text/html; charset=utf-8"),),
                body=page(at, text).encode(),
                fetched=MADE,
                record=record_id(at.encode()),
                address="192.0.2.1",
            )


def page(at, text):
    """A text in paragraphs, between a menu and a margin."""
    words = html.escape(text).split()
    starts = range(0, len(words), PARAGRAPH)
    body = "".join(f"<p>{' '.join(words[n : n + PARAGRAPH])}</p>" for n in starts)
    return PAGE.replace("TITLE", f"Leaf {at.rpartition('/')[2]}").replace("BODY", body)


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
