"""Drift alarms: what moved between two versions further than chance and habit move it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from flows.results.words import language_name
from flows.shown.rates import Place, Rate

LEAST_MOVE = 0.02  # of the documents: what is smaller is worth no alarm, however certain
SIGMAS = 3.0  # of the difference of two shares: in small corpora one page is many points


def moved(now: Rate, before: Rate) -> bool:
    """Whether a share moved by more than both bounds.

    The documents of two versions are mostly the same, so chance moves a share by less than it
    would between two draws, which is what the second bound allows for.
    """
    if not now.of or not before.of:
        return False
    pooled = (now.documents + before.documents) / (now.of + before.of)
    sigma = math.sqrt(pooled * (1 - pooled) * (1 / now.of + 1 / before.of))
    return abs(now.share - before.share) > max(LEAST_MOVE, SIGMAS * sigma)


def alarms(
    rules: tuple[Mapping[Place, Rate], Mapping[Place, Rate]],
    languages: tuple[Mapping[str, int], Mapping[str, int]],
    most_lost_share: float,
) -> list[str]:
    """A sentence for each thing that drifted.

    Args:
        rules: rates by stage and rule, now and before.
        languages: documents of the corpus by language, now and before.
        most_lost_share: the recipe's gate; growth beyond it is as strange as loss.
    """
    return [*_documents(*languages, most_lost_share), *_rules(*rules), *_languages(*languages)]


def _documents(now: Mapping[str, int], before: Mapping[str, int], most: float) -> Iterator[str]:
    came, was = sum(now.values()), sum(before.values())
    if was and abs(came - was) > most * was:
        yield f"The corpus has {came:,} documents and had {was:,}: {came / was - 1:+.0%}."


def _rules(now: Mapping[Place, Rate], before: Mapping[Place, Rate]) -> Iterator[str]:
    came_to = {stage: rate.of for at in (before, now) for (stage, _), rate in at.items()}
    for place in sorted(now.keys() | before.keys()):
        stage, rule = place
        rate, past = (at.get(place, Rate(0, came_to[stage])) for at in (now, before))
        if moved(rate, past):
            yield (
                f"{rule} at {stage} took {rate.share:.1%} of the documents, and took "
                f"{past.share:.1%} last time."
            )


def _languages(now: Mapping[str, int], before: Mapping[str, int]) -> Iterator[str]:
    total, past_total = sum(now.values()), sum(before.values())
    for language in sorted(now.keys() | before.keys()):
        rate = Rate(now.get(language, 0), total)
        past = Rate(before.get(language, 0), past_total)
        if moved(rate, past):
            yield (
                f"{language_name(language)} is {rate.share:.1%} of the corpus, and was "
                f"{past.share:.1%}."
            )
