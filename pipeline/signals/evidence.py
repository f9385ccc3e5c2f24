"""What two detectors say of a text, weighed: which of them is right, and how likely that is.

A logistic regression for each way in which they can agree or differ. How the weights were fitted,
and how well the result holds on languages that took no part: `tests/benchmarks/language_fit.py`.
"""

from typing import Any, NamedTuple

import numpy as np

from pipeline.signals.detectors import Found

Array = np.ndarray[Any, Any]

# Languages so near to each other that sentences are often both; no detector tells them well.
NEAR = tuple("hr bs sr id ms no nn da zu xh ss nr st tn nso".split())
COLUMNS = ("one", "margin", "cost", "density", "score", "share", "letters", "english", "near")
WEIGHTS: dict[str, tuple[float, ...]] = {
    "both": (-7.198, 0.203, -0.302, -0.125, 0.881, 8.625, 0.587, -0.595, -4.065),
    "differ_cld2": (-2.576, -0.794, -0.247, -0.326, 0.854, 4.402, -0.042, 0.361, -2.421),
    "differ_profiles": (-5.372, 0.223, -0.640, 0.231, -0.239, 5.673, 0.099, -0.356, -0.344),
    "cld2": (-12.630, -0.002, 0.071, -0.180, 1.590, 9.970, 0.462, 0.000, -0.609),
    "profiles": (-0.635, 0.993, -0.705, -0.236, 0.000, 0.000, 0.954, 0.000, 0.000),
}
ENGINES = {
    "both": "both",
    "differ_cld2": "cld2",
    "differ_profiles": "langdetect",
    "cld2": "cld2",
    "profiles": "langdetect",
}
SCORE = 500  # of CLD2, for a kilobyte of clear text
BOUND = 10.0  # of each column either way: a text unlike all others does not run away


class Evidence(NamedTuple):
    """For each of n texts the two answers, and what there is to judge them by."""

    cld2: list[str | None]
    profiles: list[str | None]
    cases: list[str]  # both, cld2, profiles, differ; empty where neither answers
    columns: Array  # (n, len(COLUMNS)) float64


def weigh_up(
    found: Found, wanted: Array, costs: Array, known: Array, letters: Array, names: tuple[str, ...]
) -> Evidence:
    """Bring the two detectors' answers together.

    A language that no profile is of is CLD2's to tell: the profiles then answer a neighbour of it.

    Args:
        found: CLD2's answers.
        wanted: (n,) bool; the others have no case.
        costs: (n, languages) float64, in nats: what each text costs in each profile.
        known: (n,) how many n-grams of each text the profiles know.
        letters: (n,) bytes of letters in each text.
        names: the profiles' languages.
    """
    count = len(known)
    best = costs.argmin(axis=1)
    lowest = costs[np.arange(count), best]
    other = np.partition(costs, 1, axis=1)[:, 1]
    column_of = {name: column for column, name in enumerate(names)}
    answers = [
        names[at] if seen else None for at, seen in zip(best.tolist(), known.tolist(), strict=True)
    ]
    cases = ["" for _ in range(count)]
    for row in np.flatnonzero(wanted).tolist():
        quick = found.languages[row]
        cases[row] = _case(quick, answers[row], quick in column_of)
        if cases[row] == "differ":
            other[row] = costs[row, column_of[quick or ""]]
    columns = (
        np.ones(count),
        (other - lowest) / np.sqrt(np.maximum(known, 1)),
        lowest / np.maximum(known, 1),
        known / np.maximum(letters, 1),
        found.scores / SCORE,
        found.shares,
        np.log(np.maximum(letters, 1)),
        np.array([language == "en" for language in found.languages], np.float64),
        np.array([language in NEAR for language in found.languages], np.float64),
    )
    stacked = np.clip(np.stack(columns, axis=1), -BOUND, BOUND)
    return Evidence(found.languages, answers, cases, stacked)


def _case(cld2: str | None, profiles: str | None, profiled: bool) -> str:
    if cld2 is None:
        return "profiles" if profiles else ""
    if cld2 == profiles:
        return "both"
    return "differ" if profiles and profiled else "cld2"


def judge(
    evidence: Evidence, declared: list[str | None], least: float
) -> tuple[list[str | None], list[float], list[str]]:
    """The language of each text, how likely that is right, and which detector said so."""
    chances = {case: probability(case, evidence.columns).tolist() for case in WEIGHTS}
    languages: list[str | None] = []
    confidence: list[float] = []
    engines: list[str] = []
    for row, case in enumerate(evidence.cases):
        quick, other = evidence.cld2[row], evidence.profiles[row]
        if case == "differ":
            case = _sided(quick, other, declared[row], chances, row)
        likely = chances[case][row] if case else 0.0
        sure = bool(case) and likely >= least
        languages.append((other if ENGINES[case] == "langdetect" else quick) if sure else None)
        confidence.append(likely if sure else 0.0)
        engines.append(ENGINES[case] if sure else "none")
    return languages, confidence, engines


def _sided(
    quick: str | None,
    other: str | None,
    declared: str | None,
    chances: dict[str, list[float]],
    row: int,
) -> str:
    """Which of two different answers to take: the declared one, else the likelier."""
    if declared in (quick, other):
        return "differ_cld2" if declared == quick else "differ_profiles"
    likelier = chances["differ_profiles"][row] > chances["differ_cld2"][row]
    return "differ_profiles" if likelier else "differ_cld2"


def probability(case: str, columns: Array) -> Array:
    """How likely the answer of a case is right, (n,) float64, to three places.

    Added up column by column, and rounded: the same for a text whatever stands beside it.
    """
    total = np.zeros(len(columns))
    for column, weight in enumerate(WEIGHTS[case]):
        total += columns[:, column] * weight
    return np.round(1 / (1 + np.exp(-total)), 3)
