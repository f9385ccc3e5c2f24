"""Facts come to the same however they are cut into pieces, and to what sets of them come to."""

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lineage.index.facts import FACTS, PACKED
from pipeline.lineage.index.tally import COLUMNS, Tally

KINDS = ("page", "kept", PACKED, "dropped", "linked")
SCHEMA = pa.schema([FACTS.field(name) for name in COLUMNS])
ONE = st.tuples(
    st.integers(0, 9).map(lambda n: bytes([n]) * 16),
    st.sampled_from(KINDS),
    st.sampled_from([0, 7, 2**63, 2**64 - 1]),
    st.sampled_from([0, 1, 2**31 - 1]),
)


def table(facts):
    rows = [
        (doc_id, kind, shard, row if kind == PACKED else None) for doc_id, kind, shard, row in facts
    ]
    return pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], SCHEMA)


@given(facts=st.lists(ONE, max_size=40), cuts=st.lists(st.integers(0, 40), max_size=5))
def test_pieces_of_facts_come_to_what_sets_of_them_come_to(facts, cuts):
    tally = Tally(aside=("linked",))
    edges = [0, *sorted(min(cut, len(facts)) for cut in cuts), len(facts)]
    for start, stop in pairwise(edges):
        tally.add(table(facts).slice(start, stop - start))
    counted = [fact for fact in facts if fact[1] != "linked"]
    of_kind = {kind: {d for d, k, _, _ in counted if k == kind} for _, kind, _, _ in counted}
    assert tally.facts >= len(counted)
    assert tally.documents() == len({doc_id for doc_id, _, _, _ in counted})
    assert tally.records() == {kind: len(found) for kind, found in of_kind.items()}
    assert tally.shards() == sorted({shard for _, _, shard, _ in counted})
    assert tally.shards("page") == sorted({s for _, kind, s, _ in counted if kind == "page"})
    packed = tally.packed()
    pairs = list(zip(packed.known[packed.places].tolist(), packed.rows.tolist(), strict=True))
    assert pairs == sorted({(s, row) for _, kind, s, row in counted if kind == PACKED})
