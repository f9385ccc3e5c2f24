"""What two detectors say of a text, weighed: which of them is right, and how likely that is.

A logistic regression for each way in which they can agree or differ. How the weights were fitted,
and how well the result holds on languages that took no part: `tests/benchmarks/language_fit.py`.
"""

from typing import Any, NamedTuple

import numpy as np

from pipeline.signals.detectors import Found

Array = np.ndarray[Any, Any]

NEAR = ("bs", "hr", "sr")  # most of their sentences are all three; no detector tells them well
COLUMNS = ("one", "margin", "cost", "density", "score", "share", "letters", "english", "near")
WEIGHTS: dict[str, tuple[float, ...]] = {
    "both": (-5.933, 0.241, -0.211, -0.536, 0.663, 8.462, 0.404, 0.297, -2.532),
    "differ_cld2": (-2.029, -0.759, -0.205, -0.523, 0.834, 3.638, 0.111, 0.728, 0.291),
    "differ_profiles": (-4.099, 0.278, -0.654, 0.147, -0.284, 3.902, 0.418, -0.395, -2.034),
    "cld2": (-9.470, 0.000, 0.000, 0.000, 1.108, 6.795, 0.742, 0.000, -2.771),
    "profiles": (-0.706, 0.988, -0.775, -0.071, 0.000, 0.000, 0.992, 0.000, 0.000),
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

    A language that no profile is of is CLD2's to tell: the profiles could only name a neighbour.

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
