"""Measuring single texts, for tests."""

import pyarrow as pa

KINDS = {"text": pa.large_string()}


def documents(*rows):
    """A batch of documents; a bare string is a text."""
    rows = [row if isinstance(row, dict) else {"text": row} for row in rows]
    names = ("text", "declared_language", "url", "title")
    return pa.record_batch(
        {
            name: pa.array([row.get(name) for row in rows], KINDS.get(name, pa.string()))
            for name in names
        }
    )


def measured(family, *rows):
    """The signals of each row."""
    return family.measure(documents(*rows)).to_pylist()
