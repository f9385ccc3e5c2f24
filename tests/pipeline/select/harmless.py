"""Correct pages that no policy may harm, chosen by a fixed rule before anything was measured.

Run as `python -m tests.pipeline.select.harmless`, it prints the list that is committed in
tests/data/harmless/chosen.tsv: the name of each page and the first 16 hexadecimal digits of its
SHA-256. Nothing of the shared data stands in it.

- News that natives wrote (NTREX-128), nine languages: the first four articles of at least 15
  sentences, three sentences to a paragraph.
- Verse and plays of the public domain (the book pieces): the first piece of each of ten works.
- Pages written for this test: mathematics, code, poetry, recipes, dialogue, tables.
"""

import gzip
import hashlib
import json
import sys
import tarfile
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared/data"
NEWS = SHARED / "language/ntrex.tar.gz"
BOOKS = SHARED / "text/books_chunks_sample5000.jsonl.gz"
WRITTEN = ROOT / "tests/data/harmless"
CHOSEN = WRITTEN / "chosen.tsv"

LANGUAGES = ("zho-CN", "zho-TW", "jpn", "kor", "tha", "hin", "arb", "heb", "ell")
WITHOUT_SPACES = ("zho-CN", "zho-TW", "jpn")
ARTICLES, SENTENCES, PARAGRAPH = 4, 15, 3
WORKS = (
    *("Walt Whitman/Leaves of Grass", "Emily Dickinson/Poems: Three Series"),
    *("Edgar Allan Poe/Poems", "John Milton/Paradise Lost", "Dante/Paradiso"),
    *("William Shakespeare/Hamlet", "William Shakespeare/Macbeth"),
    *("Oscar Wilde/The Importance of Being Earnest", "Anton Chekhov/The Seagull"),
    "Henrik Ibsen/A Doll's House",
)


def written():
    """The pages of the repository, by name."""
    return {path.stem: path.read_text(encoding="utf-8").strip("\n") for path in made_pages()}


def made_pages():
    return sorted(WRITTEN.glob("*.txt"))


def shared():
    """The pages of the shared data, by name."""
    return {**news(), **books()}


def news():
    """Articles, `news zho-CN 1` and so on."""
    with tarfile.open(NEWS) as archive:
        ids = _lines(archive, "DOCUMENT_IDS.tsv")
        articles = [[place for place, _ in run] for _, run in groupby(enumerate(ids), _name)]
        long = [places for places in articles if len(places) >= SENTENCES][:ARTICLES]
        pages = {}
        for language in LANGUAGES:
            sentences = _lines(archive, f"NTREX-128/newstest2019-ref.{language}.txt")
            space = "" if language in WITHOUT_SPACES else " "
            for number, places in enumerate(long, start=1):
                texts = [sentences[place].strip() for place in places]
                pages[f"news {language} {number}"] = "\n\n".join(
                    space.join(texts[at : at + PARAGRAPH]) for at in range(0, len(texts), PARAGRAPH)
                )
    return pages


def books():
    """The first piece of each work, by its name."""
    pages = {}
    with gzip.open(BOOKS, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            work = unquote(row["url"].rpartition("/master/")[2].partition(".md#")[0])
            if work in WORKS:
                pages.setdefault(work, row["text"])
    return pages


def chosen():
    """The committed list: name -> hash."""
    lines = CHOSEN.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(row):
    return row[1]


def _lines(archive, name):
    return archive.extractfile(f"langid_ntrex/{name}").read().decode().splitlines()


if __name__ == "__main__":
    for name, text in {**written(), **shared()}.items():
        sys.stdout.write(f"{name}\t{digest(text)}\n")
