"""How much of each language stays: temperature and shares, so that only large ones are cut.

All of it is decimal arithmetic, which gives the same on every machine; powers of floats do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from pipeline.shard.errors import TooFewLanguages

_DIGITS = 60
_ROUNDING = Decimal("1e-20")  # what is this close to the next whole number is that number
_ONE = Decimal(1)


class Dials(NamedTuple):
    """What a recipe says of the languages together, see `Mixture`."""

    temperature: float = 1.0
    keep_share: float = 1.0
    most_share: float = 1.0


def quotas(have: Mapping[str, int], caps: Mapping[str, int], dials: Dials) -> dict[str, int]:
    """The most that may stay of each language.

    Args:
        have: language -> how much there is of it.
        caps: language -> the most that the recipe allows; others have no cap.
        dials: what holds for all.

    Returns:
        Language -> at most what there is. A language is asked for `have ** temperature` times one
        number for all, or for all that it may give where that is less; that number is such that
        together they give `keep_share` of all that there is, or all that the caps allow. Then the
        largest are cut to one level, the highest at which none has more than `most_share` of what
        is asked of all.

    Raises:
        TooFewLanguages: they are so few that one must have more than `most_share`.
    """
    with localcontext(Context(prec=_DIGITS)):
        most = {name: Decimal(min(n, caps.get(name, n))) for name, n in have.items() if n}
        wanted = _filled(have, most, *(Decimal(str(dial)) for dial in dials[:2]))
        level = _level(sorted(wanted.values(), reverse=True), Decimal(str(dials.most_share)))
        whole = {name: int(min(n, level) + _ROUNDING) for name, n in wanted.items()}
    return {name: whole.get(name, 0) for name in have}


def _filled(
    have: Mapping[str, int], most: Mapping[str, Decimal], temperature: Decimal, share: Decimal
) -> dict[str, Decimal]:
    """What is asked of each: those that give all come first, the others share what is left."""
    left = share * sum(have.values())
    weights = {name: have[name] ** temperature for name in most}
    weight = sum(weights.values(), Decimal(0))
    wanted = {}
    for name in sorted(most, key=lambda name: (most[name] / weights[name], name)):
        wanted[name] = min(most[name], left * weights[name] / weight)
        left -= wanted[name]
        weight -= weights[name]
    return wanted


def _level(wanted: list[Decimal], share: Decimal) -> Decimal:
    """The highest level at which no language has more than `share`; `wanted` descends.

    With the first k of them at the level, it is `share` of itself k times and of the rest.
    """
    wanted = [each for each in wanted if each]
    rest = sum(wanted, Decimal(0))
    if not wanted or wanted[0] <= share * rest:
        return max(wanted, default=Decimal(0))
    if len(wanted) * share < _ONE:
        raise TooFewLanguages(len(wanted), most_share=float(share))
    for count, (largest, below) in enumerate(zip(wanted, [*wanted[1:], Decimal(0)], strict=True)):
        rest -= largest
        level = share * rest / (_ONE - share * (count + 1)) if share * (count + 1) < _ONE else below
        if level >= below:
            return level
    return wanted[-1]
