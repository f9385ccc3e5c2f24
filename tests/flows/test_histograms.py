"""Histograms by passes: bars hold what numpy counts at once, a sample is the same in any order."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.histograms import sample as sampling
from flows.histograms.gather import KEEP, drawn
from flows.histograms.sample import Sample
from pipeline.lineage.aligned import Rows

VALUES = st.lists(
    st.none()
    | st.floats(-1e9, 1e9)
    | st.sampled_from([0.0, 1.0, 0.5, float("nan"), float("inf"), -float("inf")]),
    max_size=60,
)


def batches(values, size, seed=0):
    """Rows with these values of `signals.words.x`, in batches; every third document is dropped."""
    ids = [np.random.default_rng([seed, n]).bytes(16) for n in range(len(values))]
    for start in range(0, len(values), size):
        here = slice(start, start + size)
        columns = {
            "signals.words.x": pa.array(values[here], pa.float64()),
            KEEP: pa.array([n % 3 != 0 for n in range(len(values))][here], pa.bool_()),
        }
        yield Rows("a", pa.array(ids[here], pa.binary(16)), columns)


@settings(max_examples=30)
@given(VALUES, st.integers(1, 20))
def test_bars_hold_every_value_once_on_its_side(values, size):
    found = drawn(lambda: batches(values, size), {"signals.words.x": "number"})[0]
    kept = [v for n, v in enumerate(values) if n % 3 != 0 and v is not None and np.isfinite(v)]
    dropped = [v for n, v in enumerate(values) if n % 3 == 0 and v is not None and np.isfinite(v)]
    assert found.documents == len(values)
    assert found.missing == sum(value is None for value in values)
    assert bool(found.bars) == bool(kept or dropped)
    if not found.bars:
        return
    edges = np.array([*(bar.low for bar in found.bars), found.bars[-1].high])
    assert (np.diff(edges) > 0).all()
    for side, those in (("kept", kept), ("dropped", dropped)):
        counted = np.histogram(np.clip(those, edges[0], edges[-1]), edges)[0].tolist()
        assert [getattr(bar, side) for bar in found.bars] == counted
    everything = [*kept, *dropped]
    assert (found.quartiles[0], found.quartiles[-1]) == (min(everything), max(everything))


@settings(max_examples=20)
@given(st.lists(st.sampled_from([None, "en", "de", "<b>", "\u202efr"]), max_size=30))
def test_words_are_counted(words):
    def read():
        ids = pa.array([bytes([n] * 16) for n in range(len(words))], pa.binary(16))
        yield Rows("a", ids, {"signals.words.x": pa.array(words, pa.string())})

    found = drawn(read, {"signals.words.x": "word"})[0]
    assert sum(each.kept + each.dropped for each in found.words) == len(words) - found.missing
    assert found.missing == words.count(None)
    assert "\u202e" not in "".join(each.word for each in found.words)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_sample_is_of_the_lowest_ids_in_any_batches(monkeypatch, size):
    monkeypatch.setattr(sampling, "ROWS", 50)
    values = [float(n) for n in range(400)]
    sample = Sample()
    every = [
        (rows.doc_id[n].as_py(), rows.columns["signals.words.x"][n].as_py())
        for rows in batches(values, 400)
        for n in range(400)
    ]
    for rows in batches(values, size):
        sample.add(rows)
    found = sample.columns()["signals.words.x"].to_pylist()
    assert sorted(found) == sorted(value for _, value in sorted(every)[:50])


def test_bars_of_many_documents_are_exact_though_a_sample_chose_them(monkeypatch):
    monkeypatch.setattr(sampling, "ROWS", 100)
    values = [float(v) for v in np.random.default_rng(3).lognormal(3, 2, 5_000)]
    found = drawn(lambda: batches(values, 512), {"signals.words.x": "number"})[0]
    assert sum(bar.kept + bar.dropped for bar in found.bars) == 5_000
    low, high = found.bars[3].low, found.bars[3].high
    assert found.bars[3].kept + found.bars[3].dropped == sum(low <= v < high for v in values)
    assert found.quartiles[2] == pytest.approx(np.median(values), rel=0.5)
