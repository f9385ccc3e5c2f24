"""What a page holds cannot command the terminal that shows it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from flows.terminal.plain_text import one_line, plain

JOINERS = "\u200c\u200d"  # Persian and the scripts of India need them


@given(st.text())
def test_nothing_unseen_is_left(text):
    shown = plain(text)
    for character in shown:
        hidden = unicodedata.category(character) in ("Cc", "Cs")
        assert character == "\n" or not hidden
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\ufeff"
    )


@given(st.text(st.characters(whitelist_categories=("L", "M", "N", "P", "S"), codec="utf-8")))
def test_letters_marks_and_signs_stay(text):
    assert plain(text) == text


def test_joiners_and_line_ends_stay():
    assert plain(f"می{JOINERS[0]}خواهم\nक्{JOINERS[1]}ष") == f"می{JOINERS[0]}خواهم\nक्{JOINERS[1]}ष"


def test_escapes_lose_their_power():
    assert plain("\x1b]0;owned\x07\x1b[2Jhi\r\x9b31m") == "]0;owned[2Jhi31m"
    assert plain("[bold]x[/]") == "[bold]x[/]"


@given(st.text(), st.integers(1, 50))
def test_one_line_is_one_line_and_no_longer_than_asked(text, most):
    shown = one_line(text, most)
    assert "\n" not in shown
    assert len(shown) <= most + 1
