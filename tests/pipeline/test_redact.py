"""Redaction replaces private data by the name of its kind, and touches nothing else."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadStage
from pipeline.redact import redact
from pipeline.signals.families.private_data import SPAN, PrivateData

SPANS = pa.list_(SPAN)
TEXTS = st.lists(st.none() | st.text(max_size=50), max_size=6)


def spans_of(texts):
    found = [
        None
        if text is None
        else [
            {"start": start, "stop": stop, "kind": kind}
            for start, stop, kind in PrivateData().spans(text.encode())
        ]
        for text in texts
    ]
    return pa.array(found, SPANS)


def redacted(*texts, kind=None):
    return redact(pa.array(texts, kind or pa.large_string()), spans_of(texts)).to_pylist()


def test_each_span_gives_way_to_its_kind():
    before = "Grüße: ann@web.de, +49 30 901820, 8.8.8.108 und 536-90-4399."
    assert redacted(before) == ["Grüße: <EMAIL>, <PHONE>, <IPV4> und <US_SSN>."]


def test_a_span_can_begin_and_end_the_text():
    assert redacted("ann@web.de", "a ann@web.de", "ann@web.de\n") == [
        "<EMAIL>",
        "a <EMAIL>",
        "<EMAIL>\n",
    ]


def test_nothing_private_is_left_to_find():
    text = "ann@web.de 8.8.8.108 GB82 WEST 1234 5698 7654 32 4539 1488 0343 6467"
    (clean,) = redacted(text)
    assert PrivateData().spans(clean.encode()) == []


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_type_of_the_column_stays(kind):
    texts = pa.array(["ann@web.de", None, "x"], kind)
    assert redact(texts, spans_of(texts.to_pylist())).equals(pa.array(["<EMAIL>", None, "x"], kind))


@given(TEXTS)
def test_a_text_without_spans_is_the_same_byte_for_byte(texts):
    column = pa.array(texts, pa.large_string())
    none = pa.array([[] if text is not None else None for text in texts], SPANS)
    assert redact(column, none).equals(column)
    touched = pa.array(["ann@web.de", *texts], pa.large_string())
    spans = pa.concat_arrays([spans_of(["ann@web.de"]), none])
    assert redact(touched, spans).slice(1).equals(column)


@given(st.text(max_size=60), st.data())
def test_any_spans_are_cut_at_their_bytes(text, data):
    places = st.integers(0, len(text))
    cuts = sorted(data.draw(st.lists(places, max_size=6).filter(lambda x: len(x) % 2 == 0)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=True))
    at = [len(text[:place].encode()) for place in range(len(text) + 1)]
    spans = [{"start": at[a], "stop": at[b], "kind": "secret"} for a, b in pairs]
    ends, starts = [0, *(b for _, b in pairs)], [*(a for a, _ in pairs), len(text)]
    kept = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    (result,) = redact(pa.array([text], pa.large_string()), pa.array([spans], SPANS)).to_pylist()
    assert result == "<SECRET>".join(kept)


def test_a_slice_and_chunks_of_a_column_are_read_where_they_begin():
    texts = pa.array(["no", "ann@web.de", "x"], pa.large_string())
    spans = spans_of(texts.to_pylist())
    assert redact(texts.slice(1), spans.slice(1)).to_pylist() == ["<EMAIL>", "x"]
    chunked = pa.chunked_array([texts.slice(0, 1), texts.slice(1)])
    assert redact(chunked, pa.chunked_array([spans])).to_pylist() == ["no", "<EMAIL>", "x"]


@pytest.mark.parametrize("ends", [[(0, 99)], [(3, 2)], [(0, 4), (2, 5)], [(-1, 2)]])
def test_spans_of_another_text_are_refused(ends):
    spans = [{"start": start, "stop": stop, "kind": "email"} for start, stop in ends]
    with pytest.raises(BadStage, match="measured on another text"):
        redact(pa.array(["abcdef"], pa.large_string()), pa.array([spans], SPANS))
