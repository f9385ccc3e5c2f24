"""Tables, verse and what C4 keeps are counted as slow, obvious code counts them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.signals.families.c4 import C4
from pipeline.signals.families.words import Words
from tests.pipeline.signals import reference
from tests.pipeline.signals.measuring import measured

# No NUL: texts are normalised before anything is measured of them.
ANY = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
LINES = st.sampled_from(
    (
        *("", "a | b | c", "| 1 | 2 |", "x\ty\tz", "\tin\tside", "│ box │ bar │", "one | bar"),
        *("The rope is wet, the lamp is low,", "and nothing of it stays_", "with small letters"),
        *("A HEADING", "漢字の行、ここで。", "x" * 61 + ".", "short", "_Emphasis, here,_"),
    )
)
PAGES = st.lists(LINES | ANY, max_size=12).map("\n".join)
PIECES = st.sampled_from(
    (
        *("Mr.", "A.", "U.S.", "end.", "so!", "'Why?'", "(or.)", "...", "wait..", "it…", '"'),
        *(
            "JavaScript",
            "use",
            "of",
            "cookies",
            "PRIVACY policy,",
            "Terms",
            "word",
            "é.",
            "ōr.",
            "\n",
            "\n",
            "x" * 1001,
        ),
    )
)
WRITTEN = st.lists(PIECES | ANY, max_size=24).map(" ".join)


@settings(max_examples=300)
@given(PAGES)
def test_rows_of_tables_lines_of_verse_and_short_lines_are_counted(text):
    (row,) = measured(Words(), text)
    tables, verse = reference.tables_and_verse(text)
    assert row["table_lines"] == pytest.approx(tables / max(row["lines"], 1))
    assert row["verse_lines"] == pytest.approx(verse / max(row["lines"], 1))
    assert row["short_line_columns"] == pytest.approx(reference.short_columns(text))


@settings(max_examples=300)
@given(WRITTEN)
def test_what_c4_would_keep_is_counted(text):
    (row,) = measured(C4(), text)
    lines = reference.lines(text)
    kept = [found for line in lines if (found := reference.sentences_kept(line)) is not None]
    assert row["kept_lines"] == pytest.approx(len(kept) / max(len(lines), 1))
    assert row["sentences"] == sum(kept)
    assert row["javascript_lines"] == sum("javascript" in line.lower() for line in lines)
    assert row["policy_lines"] == sum(
        any(phrase in line.lower() for phrase in reference.POLICIES) for line in lines
    )
    assert row["paragraphs"] == sum(len(line) >= 200 for line in lines)


def test_menus_and_lists_of_names_are_no_verse():
    menu = "Home\nAbout us\nOur products\nContact the sales team\nImprint and privacy"
    names = "Ann Miller\nTom Baker\nAnna Karenina\nOblomov"
    assert [row["verse_lines"] for row in measured(Words(), menu, names)] == [0.0, 0.0]
