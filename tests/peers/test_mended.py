"""What is put in the place of a peer's defect does what its name says."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.same_rules import RULES
from tests.peers import mended
from tests.pipeline.signals import reference


@given(st.lists(st.sampled_from(("a", "bc", "def")), max_size=40), st.integers(2, 4))
def test_a_repetition_counts_to_its_end_and_once(words, size):
    share = reference.duplicate(words, size)
    assert mended.repeated_characters(words, size) == round(share * sum(map(len, words)))


def test_lines_that_differ_in_the_space_around_them_become_equal():
    assert mended.stripped_lines("a b\n  a b \n\na  b") == "a b\na b\n\na  b"


@pytest.mark.parametrize(
    ("peer", "mends"), [("datatrove", mended.DATATROVE), ("dolma", mended.DOLMA)]
)
def test_what_is_mended_are_the_rules_of_which_a_defect_is_named(peer, mends):
    named = [rule for rule, same in RULES.items() if peer in same.defects]
    assert sorted(chain(*mends.values())) == sorted(named)
