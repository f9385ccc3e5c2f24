"""Pieces of public-domain books, the English prose that benchmarks share."""

import gzip
import json
from pathlib import Path

BOOKS = Path(__file__).parents[3] / "shared/data/text/books_chunks_sample5000.jsonl.gz"


def rows(documents=BOOKS):
    """What the lines of a file hold, packed or not: of the books `id` and `text`, 22 MB."""
    opened = gzip.open if documents.suffix == ".gz" else open
    with opened(documents, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def texts():
    """All texts of the books."""
    return [row["text"] for row in rows()]


def write_documents(path, given):
    """Lines with `id` and `text` alone."""
    kept = ({"id": row["id"], "text": row["text"]} for row in given)
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")


LEFT = 0.7  # of the words


def thinned(text, chance):
    """Without three words in ten, by chance: another text of the same words."""
    return " ".join(word for word in text.split(" ") if chance.random() < LEFT)


def pieces(size, least):
    """Pieces of `size` characters, the last one of a text of `least` at least."""
    whole = texts()
    return [t[at : at + size] for t in whole for at in range(0, len(t) - least + 1, size)]
