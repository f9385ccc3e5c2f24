"""The tables of packed documents are the same however much of them is written at once."""

import hashlib

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.shard import rows
from pipeline.shard.pack import pack
from pipeline.shard.rows import Documents, check_conserved, counts_of, map_of, rows_of
from pipeline.shard.token_arrays import Tokens
from schemas.tokens import ROW_MAP, ROWS, TOKEN_COUNTS

END, LENGTH = 7, 5


def batch_of(sizes, first):
    """Documents of so many tokens, the end token among them; each token has a width of its own."""
    ids = np.arange(sum(sizes), dtype=np.uint32) + 100 * first
    ends = np.cumsum(sizes)
    ids[ends - 1] = END
    names = [hashlib.md5(f"{first + i}".encode()).digest() for i in range(len(sizes))]
    begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    tokens = Tokens(ids, begins, np.array(sizes), (ids % 3).astype(np.uint16))
    languages = [None if i % 2 else "en" for i in range(len(sizes))]
    return Documents(pa.array(names, pa.binary(16)), pa.array(languages, pa.string()), tokens)


def tables(documents):
    pieces = pack(documents.tokens.sizes, length=LENGTH)
    check_conserved(documents, pieces, shard="some")
    return (
        pa.Table.from_batches(rows_of(documents, pieces, length=LENGTH, end=END), ROWS),
        pa.Table.from_batches(map_of(documents, pieces), ROW_MAP),
        pa.Table.from_batches(counts_of(documents), TOKEN_COUNTS),
    )


SIZES = st.lists(st.integers(1, 14), min_size=1, max_size=9)


@given(st.lists(SIZES, min_size=1, max_size=4), st.integers(1, 4), st.integers(1, 20))
def test_what_is_written_at_once_does_not_count(batches, documents, ids):
    found = Documents.joined(batch_of(sizes, 10 * i) for i, sizes in enumerate(batches)).by_id()
    whole = tables(found)
    before = rows.AT_ONCE, rows.IDS_AT_ONCE
    rows.AT_ONCE, rows.IDS_AT_ONCE = documents, ids
    try:
        pieces = tables(found)
    finally:
        rows.AT_ONCE, rows.IDS_AT_ONCE = before
    assert all(one.equals(other) for one, other in zip(whole, pieces, strict=True))


@given(st.lists(SIZES, min_size=1, max_size=4))
def test_every_token_of_every_batch_is_where_the_map_says(batches):
    made = [batch_of(sizes, 10 * i) for i, sizes in enumerate(batches)]
    expected = {}
    for doc_id, _, tokens in made:
        for name, begin, size in zip(doc_id.to_pylist(), tokens.begins, tokens.sizes, strict=True):
            expected[name] = tokens.ids[begin : begin + size].tolist()
    laid, places, counts = tables(Documents.joined(iter(made)).by_id())
    found = {name: [] for name in expected}
    ids = laid["ids"].to_pylist()
    for row in places.to_pylist():
        found[row["doc_id"]] += ids[row["row"]][row["start"] : row["stop"]]
    assert found == expected
    for row in counts.to_pylist():
        own = np.array(expected[row["doc_id"]][:-1], "<u4")
        assert row["tokens"] == len(own)
        assert row["ids_sha256"] == hashlib.sha256(own.tobytes()).digest()
