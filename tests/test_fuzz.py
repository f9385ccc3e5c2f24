"""Every parser boundary takes any input: it gives a result, or an error that it declares."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.recipe import read_recipe
from pipeline.errors import BadRecipe
from tests.fuzzing import TARGETS

EXAMPLES = 25  # of each target; `python -m tests.torture.fuzz` goes on for as long as it is told


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES, derandomize=True)
@given(chance=st.randoms(use_true_random=False))
def test_a_parser_takes_any_input(name, chance):
    target = TARGETS[name]
    target.tried(target.made(chance))


@pytest.mark.parametrize("content", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_a_recipe_that_no_reader_can_hold_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "a.toml").write_text(content)
    with pytest.raises(BadRecipe, match="is not TOML"):
        read_recipe(tmp_path / "a.toml")
