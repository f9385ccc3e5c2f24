"""Small languages keep all they have, and what is cut of large ones is what the recipe says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.shard.errors import TooFewLanguages
from pipeline.shard.quotas import Dials, quotas

WEB = {"en": 45_000, "ru": 6_000, "de": 5_000, "is": 40, "fo": 3}


def bisected(fits, high):
    """The greatest number up to `high` that fits, as nearly as floats have it."""
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def slow_quotas(have, caps, dials):
    """The same by trial: numbers are tried until they fit."""
    most = {name: min(n, caps.get(name, n)) for name, n in have.items()}
    asked = {name: n**dials.temperature if n else 0 for name, n in have.items()}
    budget = dials.keep_share * sum(have.values())

    def all_of(factor):
        return {name: min(most[name], factor * asked[name]) for name in have}

    factor = bisected(lambda factor: sum(all_of(factor).values()) <= budget, 1e12)
    wanted = all_of(factor)
    highest = max(wanted.values(), default=0)

    def level_fits(level):
        cut = [min(n, level) for n in wanted.values()]
        return max(cut) <= dials.most_share * sum(cut) * (1 + 1e-12)

    level = highest if not highest or level_fits(highest) else bisected(level_fits, highest)
    return {name: min(n, level) for name, n in wanted.items()}


SHARES = st.floats(0.05, 1)
DIALS = st.builds(Dials, st.floats(0, 1), SHARES, st.floats(0.3, 1))
AMOUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10**6), min_size=4)
CAPS = st.dictionaries(st.sampled_from("abcdz"), st.integers(1, 10**6))


@given(AMOUNTS, CAPS, DIALS)
def test_quotas_are_those_that_are_found_by_trial(have, caps, dials):
    found, slow = quotas(have, caps, dials), slow_quotas(have, caps, dials)
    assert found.keys() == have.keys()
    for name, quota in found.items():
        assert quota == pytest.approx(slow[name], rel=1e-6, abs=1.001)
        assert 0 <= quota <= min(have[name], caps.get(name, have[name]))


@given(AMOUNTS, st.floats(0, 1), SHARES)
def test_a_smaller_language_never_keeps_a_smaller_part(have, temperature, keep_share):
    found = quotas(have, {}, Dials(temperature, keep_share))
    by_size = sorted(have, key=have.__getitem__, reverse=True)
    for larger, smaller in pairwise(by_size):
        assert (found[larger] - 1) / have[larger] <= (found[smaller] + 1) / have[smaller]
    assert sum(found.values()) <= keep_share * sum(have.values()) + 1


@pytest.mark.parametrize(
    ("caps", "dials", "kept"),
    [
        ({}, Dials(), WEB),
        ({}, Dials(1, 0.5), {"en": 22_500, "ru": 3_000, "de": 2_500, "is": 20, "fo": 1}),
        ({"en": 100, "is": 0}, Dials(), WEB | {"en": 100, "is": 0}),
        ({"en": 100}, Dials(0, 0.1), WEB | {"en": 100, "ru": 2730, "de": 2730}),
        ({}, Dials(0, 0.1), WEB | {"en": 1853, "ru": 1853, "de": 1853}),
        ({}, Dials(1, 1, 0.5), WEB | {"en": 11_043}),
        ({}, Dials(1, 1, 0.2), dict.fromkeys(WEB, 3)),
    ],
)
def test_small_languages_survive(caps, dials, kept):
    assert quotas(WEB, caps, dials) == kept


def test_a_temperature_asks_for_powers():
    found = quotas({"a": 1_000_000, "b": 10_000, "c": 100}, {}, Dials(0.5, 0.05))
    assert found["c"] == 100
    assert found["a"] / 10 == pytest.approx(found["b"], abs=1) or found["b"] == 10_000


def test_nothing_asks_for_nothing():
    assert quotas({}, {"en": 3}, Dials(0.3, 0.5, 0.1)) == {}
    assert quotas({"en": 0}, {}, Dials(0.3, 0.5, 0.1)) == {"en": 0}


@pytest.mark.parametrize("have", [{"en": 5}, {"en": 5, "de": 1, "fr": 0}])
def test_a_share_that_so_few_languages_cannot_keep_is_refused(have):
    with pytest.raises(TooFewLanguages, match=r"most_share allows 0\.4\.\n.*at least 1/"):
        quotas(have, {}, Dials(1, 1, 0.4))
