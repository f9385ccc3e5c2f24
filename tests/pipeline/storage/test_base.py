"""A table that stands on another has the rows and the digests of one that is written whole."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.base import OWN, TakenOver, digests_over, merged, places_of
from pipeline.storage.table_digest import TableDigest, short_columns
from schemas.artifact import Base, StoredFile, Table
from schemas.column import column, doc_id

SCHEMA = pa.schema(
    [
        doc_id(),
        column("url", pa.string(), "place"),
        column("text", pa.large_string(), "text"),
        column("note", pa.large_string(), "note"),
        column("size", pa.int32(), "size"),
        column("fetched", pa.int64(), None),
    ]
)
FILE = StoredFile(name="rows.parquet", path="shards/rows/00/00/rows.parquet", size=1, sha256="00")


def row(number, text):
    return {
        "doc_id": b"%016d" % number,
        "url": f"https://example.org/{number}",
        "text": text,
        "note": None if number % 3 else text[::-1],
        "size": len(text),
        "fetched": number,
    }


def batches(rows, size):
    return pa.Table.from_pylist(rows, schema=SCHEMA).to_batches(max_chunksize=size)


def digested(rows, size=1000):
    hashes = io.BytesIO()
    digest = TableDigest(SCHEMA, hashes)
    for batch in batches(rows, size):
        digest.add(batch)
    return digest, hashes.getvalue()


TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["long " * 300, "", "\0", "a" * 1023]))


@settings(max_examples=150)
@given(
    st.lists(TEXTS, max_size=30),
    st.lists(st.tuples(st.booleans(), st.lists(TEXTS, max_size=2)), max_size=30),
    st.integers(1, 40),
)
def test_rows_and_digests_are_those_of_a_whole_table(texts, edits, size):
    base = [row(number, text) for number, text in enumerate(texts)]
    rows, own, places = [], [], []
    for number in range(len(base) + 1):
        stays, added = edits[number] if number < len(edits) else (True, [])
        for text in added:
            own.append(row(1000 + len(own), text))
            rows.append(own[-1])
            places.append(OWN)
        if number < len(base) and stays:
            rows.append(base[number])
            places.append(number)
    under, hashes = digested(base)
    table = Table(
        name="rows",
        file=FILE,
        footer="00",
        rows=len(base),
        digests=under.hexdigests(),
        hashes=FILE,
    )
    taken = TakenOver(table, FILE, np.array(places, np.int64))
    read = pa.Table.from_batches(
        merged(batches(own, size), batches(base, size), taken.runs()), SCHEMA
    )
    assert read.to_pylist() == rows
    whole = [pa.Table.from_pylist(each, schema=SCHEMA) for each in (own, base)]
    assert taken.laid_out(*whole).to_pylist() == rows
    left = pa.Table.from_pylist(base, schema=SCHEMA).take(taken.left())
    left = left.select(short_columns(SCHEMA)).to_batches()
    added, _ = digested(own)
    expected, _ = digested(rows)
    assert digests_over(added.sums, taken, left, hashes, SCHEMA) == expected.hexdigests()
    standing = table.model_copy(
        update={"rows": len(rows), "base": Base(table=table, runs=taken.runs())}
    )
    assert places_of(standing).tolist() == places
    assert standing.own_rows == len(own)


@given(st.lists(TEXTS, max_size=9), st.integers(1, 4))
def test_hashes_do_not_depend_on_how_a_table_is_cut(texts, size):
    rows = [row(number, text) for number, text in enumerate(texts)]
    (one, hashes), (other, again) = digested(rows), digested(rows, size)
    plain = TableDigest(SCHEMA)
    for batch in batches(rows, 1000):
        plain.add(batch)
    assert one.hexdigests() == other.hexdigests() == plain.hexdigests()
    assert hashes == again
    assert len(hashes) == 2 * 32 * len(rows)


def test_a_base_that_lacks_rows_is_not_read_as_if_it_were_whole():
    base = batches([row(number, "text") for number in range(3)], 10)

    def short():
        yield from base
        raise ValueError("rows are missing")

    with pytest.raises(ValueError, match="missing"):
        list(merged([], short(), [(0, 1, 5)]))
