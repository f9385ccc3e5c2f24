"""The compiled loops count what slow, obvious code counts."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.signals.families.repetition import Repetition
from pipeline.signals.families.words import Words
from pipeline.signals.kernels.characters import UNSEGMENTED_RANGES
from pipeline.signals.kernels.stop_words import STOP_WORDS
from tests.pipeline.signals import reference
from tests.pipeline.signals.measuring import measured

# Few characters, so that words and lines repeat; and any characters at all.
CROWDED = st.text(alphabet="ab é한漢い#.…-{}=;:)+* \n\u3000\u00a0", max_size=80)
HOSTILE = st.text(alphabet="a\0\r\n\x1c\x85 \u0301\U0001f600\U000e0100\U000e0041#.", max_size=60)
TEXTS = st.lists(CROWDED | HOSTILE | st.text(max_size=40), min_size=1, max_size=4)
UNSEGMENTED = {chr(c) for first, last in UNSEGMENTED_RANGES for c in range(first, last + 1)}


def share(part, whole):
    return pytest.approx(part / max(whole, 1))


@settings(max_examples=300)
@given(TEXTS)
def test_words_are_counted_as_slow_code_counts_them(texts):
    for text, row in zip(texts, measured(Words(), *texts), strict=True):
        words, letters = reference.words(text), reference.letters(text)
        assert row["characters"] == len(text)
        assert row["words"] == len(words)
        assert row["words_and_marks"] == len(reference.words_and_marks(text))
        assert row["mean_word_length"] == share(sum(map(len, words)), len(words))
        alphabetic = sum(bool(reference.letters(w)) for w in words)
        assert row["alphabetic_words"] == share(alphabetic, len(reference.runs(text)))
        assert row["symbol_word_ratio"] == share(
            reference.symbols(text), len(reference.words_and_marks(text))
        )
        assert row["unsegmented"] == share(sum(c in UNSEGMENTED for c in letters), len(letters))


@settings(max_examples=300)
@given(TEXTS)
def test_lines_are_counted_by_how_they_begin_and_end(texts):
    for text, row in zip(texts, measured(Words(), *texts), strict=True):
        lines = reference.lines(text)
        counts = {
            "bullet_lines": sum(map(reference.is_bulleted, lines)),
            "ellipsis_lines": sum(reference.bare(line).endswith(("...", "…")) for line in lines),
            "full_stop_lines": sum(map(reference.ends_as_sentence, lines)),
            "short_lines": sum(reference.columns(line) <= 30 for line in lines),
            "code_lines": sum(map(reference.looks_like_code, lines)),
        }
        assert row["lines"] == len(lines)
        assert row["line_ends"] == text.count("\n")
        for name, count in counts.items():
            assert row[name] == share(count, len(lines)), name


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["the", "THE", "to,", "und", "der", "die", "(the)", "x", "12", "и", "в"])
        | st.sampled_from(
            ["t-he", "o'f", "the--------", "........the", "the-------y", "theologian"]
        )
        | st.sampled_from(" ".join(STOP_WORDS.values()).split()),
        max_size=12,
    )
)
def test_stop_words_are_counted_once_each_in_the_best_language(words):
    def plain(word):
        return "".join(c for c in word.lower() if unicodedata.category(c)[0] in "LMN")

    found = {plain(word) for word in words}
    (row,) = measured(Words(), " ".join(words))
    assert row["stop_words"] == max(len(found & set(s.split())) for s in STOP_WORDS.values())
    assert row["english_stop_words"] == len(found & set(STOP_WORDS["en"].split()))


@settings(max_examples=400)
@given(TEXTS)
def test_repetition_is_measured_as_defined(texts):
    for text, row in zip(texts, measured(Repetition(), *texts), strict=True):
        assert row == pytest.approx(repetition(text))


LINES = (
    *("The first of them stays where it is.", "  The first of them stays where it is."),
    *("Another first of them stays.", "Another piece of them stays.", "one", "one ", "one,", ""),
    *("Die Mühle — „größer“ als alle übrigen", "漢字仮名交じり文の長い一行"),
)
RUNS = ("a", "b", "a,", "«b", "–", "a…”,", "(“b", "“wonderfully”", "wonderfully…")
ENDS = ("\n", "\n\n", "\r\n", "\n \n")


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDS)), max_size=20))
def test_repetition_of_long_lines_is_measured_as_defined(lines):
    text = "".join(line + end for line, end in lines)
    (row,) = measured(Repetition(), text)
    assert row == pytest.approx(repetition(text))


@settings(max_examples=200)
@given(st.lists(st.sampled_from(RUNS), max_size=80))
def test_repetition_of_few_words_is_measured_as_defined(runs):
    text = " ".join(runs)
    (row,) = measured(Repetition(), text)
    assert row == pytest.approx(repetition(text))


def repetition(text):
    """All shares of a text, by slow code."""
    words, pieces = reference.words(text), reference.words_and_marks(text)
    lines = reference.repeated_share(reference.lines(text), text)
    blocks = reference.repeated_share(reference.paragraphs(text), text)
    return {
        "duplicate_lines": lines[0],
        "duplicate_line_characters": lines[1],
        "duplicate_paragraphs": blocks[0],
        "duplicate_paragraph_characters": blocks[1],
        **{f"top_{n}_gram": reference.top(words, n) for n in (2, 3, 4)},
        **{f"duplicate_{n}_grams": reference.duplicate(pieces, n, text) for n in range(5, 11)},
    }
