"""Texts that read the same become the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.normalise import normalise, one_line, well_formed


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("cafe\u0301", "café"),
        ("a\r\nb\rc\u2028d\x0be\x0cf", "a\nb\nc\nd\ne\nf"),
        ("\n\n  indented \t \n\n\n\nafter\u3000\u00a0\n\n", "  indented\n\nafter"),
        ("a\x00b\x07c\x7fd\ufeffe\ufffcf\u2060g", "abcdefg"),
        ("hy\u00adphen", "hyphen"),
        ("zero\u200bwidth", "zerowidth"),
        ("ภาษา\u200bไทย", "ภาษา\u200bไทย"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("全角，ＡＢＣ　ﬁ ½ ²", "全角，ＡＢＣ　ﬁ ½ ²"),
        ("tab\tstays", "tab\tstays"),
        ("", ""),
    ],
)
def test_it_has_one_form(text, normal):
    assert normalise(text) == normal


@given(st.text(st.characters(codec="utf-8")))
def test_the_normal_form_is_its_own(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(categories=None)))
def test_a_well_formed_text_is_utf8(text):
    assert well_formed(text).encode().decode() == well_formed(text)


def test_halves_of_a_pair_are_joined_and_lone_ones_replaced():
    assert well_formed("\ud83d\ude00 \ud83d") == "😀 \ufffd"


def test_a_title_is_one_line():
    assert one_line(" A\n\ttitle \x00") == "A title"
    assert one_line(" \n") is one_line(None) is None


def test_of_a_title_that_would_take_hours_to_put_in_order_its_beginning_is_kept():
    hostile = "Title a" + "\u0301\u0323" * 4_000_000
    assert one_line(hostile).startswith("Title \u1ea1\u0323")
    assert len(one_line(hostile)) <= 4096
