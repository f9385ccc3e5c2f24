"""Documents that hold items of a benchmark are found, others are left alone."""

import gzip
import json
import math
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.run.keys import key_parts
from pipeline.signals.families.benchmark_overlap import BenchmarkOverlap
from pipeline.signals.stage import Signals
from tests.pipeline.signals.measuring import measured

ITEMS = (
    "In which year did the tower of the northern harbour fall into the sea, and who saw it?",
    "Name the three metals that the smiths of the valley mixed for their bells in winter.",
    "In which year did the tower of the southern market burn, and who put the fire out?",
)
word = st.sampled_from(["the", "Fire", "of", "tower", "élan", "東", "b2", "saw"])
text = st.lists(st.tuples(word, st.sampled_from([" ", ", ", "\n", "—"])), max_size=25).map(
    lambda parts: "".join(a + b for a, b in parts)
)


def family(*items, **settings):
    return BenchmarkOverlap.parse(
        {"kind": "benchmark_overlap", "benchmarks": [{"name": "quiz", "items": items}], **settings}
    )


def runs(text, width, fewest=0):
    words = re.findall(r"東|[^\W_東]+", text.lower())
    width = min(width, len(words))
    if len(words) < fewest or not width:
        return set()
    return {tuple(words[at : at + width]) for at in range(len(words) - width + 1)}


def slow_shares(items, document, *, words, fewest, widest):
    """The share of each item, straight from the definition."""
    of_items = [runs(item, words, fewest) for item in items]
    sharing = Counter(run for each in of_items for run in each)
    widths = {len(run) for run in sharing}
    here = set().union(*(runs(document, width) for width in widths)) if widths else set()
    shares = []
    for each in of_items:
        weight = {
            run: math.log1p(len(items) / sharing[run]) for run in each if sharing[run] <= widest
        }
        total = sum(weight.values())
        shares.append(sum(weight[run] for run in weight if run in here) / total if total else 0)
    return shares


@settings(max_examples=150)
@given(
    items=st.lists(text, min_size=1, max_size=4),
    documents=st.lists(text, min_size=1, max_size=3),
    words=st.integers(1, 4),
    fewest=st.integers(1, 3),
    widest=st.integers(1, 3),
)
def test_shares_are_those_of_the_definition(items, documents, words, fewest, widest):
    items = [item or "." for item in items]
    how = {"words": words, "fewest": fewest, "widest": widest}
    rows = measured(family(*items, **how, least=0.001), *documents)
    for document, row in zip(documents, rows, strict=True):
        expected = slow_shares(items, document, **how)
        found = {each["item"]: each["share"] for each in row["items"]}
        assert found == pytest.approx({k: v for k, v in enumerate(expected) if v >= 0.001})
        assert row["share"] == pytest.approx(max(expected, default=0))


def test_an_item_with_some_words_changed_is_still_found():
    changed = ITEMS[1].replace("winter", "summer")
    (row,) = measured(family(*ITEMS), f"A page of quizzes. {changed} Good luck!")
    assert (row["benchmark"], row["item"]) == ("quiz", 1)
    assert row["share"] > 0.8


def test_the_form_of_a_question_alone_gives_no_item_away():
    (row,) = measured(family(*ITEMS), "In which year did the tower of the eastern gate open?")
    assert row["share"] < 0.2


def test_items_of_several_benchmarks_are_told_apart(tmp_path):
    path = tmp_path / "more.jsonl.gz"
    lines = [{"question": ITEMS[1], "choices": ["tin and lead and gold", "none"]}]
    path.write_bytes(gzip.compress("".join(json.dumps(each) + "\n" for each in lines).encode()))
    more = {"name": "more", "file": str(path), "columns": ["question", "choices"]}
    both = BenchmarkOverlap.parse(
        {
            "kind": "benchmark_overlap",
            "benchmarks": [{"name": "quiz", "items": [ITEMS[0]]}, more],
        }
    )
    first, second = measured(both, ITEMS[0], f"{ITEMS[1]} tin and lead and gold none")
    assert (first["benchmark"], first["item"], first["share"]) == ("quiz", 0, 1.0)
    assert (second["benchmark"], second["item"]) == ("more", 0)
    assert second["share"] == pytest.approx(1.0)


def test_a_benchmark_counts_by_its_content_wherever_it_lies(tmp_path):
    def key(path):
        benchmark = {"name": "quiz", "file": str(path)}
        stage = Signals(
            family=BenchmarkOverlap.parse({"kind": "benchmark_overlap", "benchmarks": [benchmark]})
        )
        return key_parts(stage, {}, {}).key()

    for name, item in (("a.jsonl", 0), ("b.jsonl", 0), ("c.jsonl", 1)):
        (tmp_path / name).write_text(json.dumps({"text": ITEMS[item]}) + "\n")
    assert key(tmp_path / "a.jsonl") == key(tmp_path / "b.jsonl")
    assert key(tmp_path / "a.jsonl") != key(tmp_path / "c.jsonl")


def test_a_benchmark_that_changes_is_read_anew_in_the_same_process(tmp_path):
    path = tmp_path / "quiz.jsonl"
    quiz = {"kind": "benchmark_overlap", "benchmarks": [{"name": "quiz", "file": str(path)}]}
    shares = []
    for item in ITEMS[:2]:
        path.write_text(json.dumps({"text": item}) + "\n")
        (row,) = measured(BenchmarkOverlap.parse(quiz), ITEMS[1])
        shares.append(row["share"])
    assert shares == [0.0, 1.0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b'{"text": "one two"}\n{"answer": 3}\n', "line 2 has no text in text"),
        (b"not json\n", "line 1"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_named_with_its_line(tmp_path, content, told):
    path = tmp_path / "quiz.jsonl"
    if content is not None:
        path.write_bytes(content)
    broken = BenchmarkOverlap.parse(
        {"kind": "benchmark_overlap", "benchmarks": [{"name": "quiz", "file": str(path)}]}
    )
    with pytest.raises(PipelineError, match=r"quiz") as raised:
        measured(broken, "any text")
    assert told in str(raised.value)
