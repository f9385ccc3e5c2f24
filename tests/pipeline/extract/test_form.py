"""Texts that take no time worth watching are put into their form at once, as the sandbox would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.form import SHORT, formed, formed_at_once

DAMAGED, LOOSE = "It is a cafÃ©. ", "o\u0308"
PIECES = st.lists(st.sampled_from(["plain ", DAMAGED, LOOSE, "\n\n\n", "\u0000", "世"]), max_size=9)


@given(PIECES.map("".join), st.booleans())
def test_a_short_text_is_formed_at_once(text, mend):
    assert formed_at_once(text, mend=mend) == formed(text, mend=mend)


@pytest.mark.parametrize("costly", [DAMAGED, LOOSE])
def test_a_long_text_that_is_costly_is_not(costly):
    assert formed_at_once(costly + "x" * SHORT, mend=True) is None
    assert formed_at_once("x" * SHORT, mend=True) == ("x" * SHORT, False)


def test_a_long_damaged_text_is_left_alone_where_nothing_is_to_be_mended():
    text = DAMAGED + "x" * SHORT
    assert formed_at_once(text, mend=False) == (text, False)
