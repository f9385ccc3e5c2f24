"""Fit the weights of `pipeline/signals/evidence.py` again, and print them.

    python -m tests.benchmarks.language_fit

On NTREX: sentences, articles, and pieces of 1 to 8 words, of every second language by its code.
The other half took no part; `tests.benchmarks.language` shows how the confidence holds there. Each
case is a logistic regression by Newton's method. Every language and kind of text weighs the same,
but English four times that, as most of the web is English, and a language that no detector knows a
tenth.
Takes about a minute on one core.
"""

import sys

import numpy as np
import pyarrow as pa

from pipeline.signals.evidence import COLUMNS, WEIGHTS
from pipeline.signals.families.language import Language
from tests.benchmarks.language import supported
from tests.benchmarks.ntrex import Texts, halves, ntrex, pieces

OF_KIND = {"sentences": 1.0, "documents": 0.3}  # weight; pieces of words: 0.5
ENGLISH = 4.0
UNKNOWN = 0.1  # texts in languages that nothing here knows
RIDGE = 1e-3
STEPS = 30


def main() -> None:
    """Measure, fit, print."""
    rows = {case: ([], [], []) for case in WEIGHTS}
    for each in ntrex():
        for texts in (each, *(pieces(each) if each.kind == "sentences" else ())):
            enter(rows, halves(texts)[0])
    _line(", ".join(COLUMNS))
    for case, (columns, right, weights) in rows.items():
        fitted = fit(np.concatenate(columns), np.concatenate(right), np.concatenate(weights))
        _line(f'    "{case}": ({", ".join(f"{weight:.3f}" for weight in fitted)}),')


def enter(rows: dict[str, tuple[list, list, list]], texts: Texts) -> None:
    """Add what there is to judge these texts by, and whether each detector is right."""
    if not texts.texts:
        return
    evidence = Language().look(pa.array(texts.texts, pa.large_string())).evidence
    weight = OF_KIND.get(texts.kind, 0.5) / len(texts.texts)
    weight *= ENGLISH if texts.language == "en" else 1
    weight *= 1 if texts.language in supported("ours") else UNKNOWN
    for case, (columns, right, weights) in rows.items():
        answers = evidence.profiles if case.endswith("profiles") else evidence.cld2
        chosen = [row for row, one in enumerate(evidence.cases) if case.startswith(one or "-")]
        columns.append(evidence.columns[chosen])
        right.append(np.array([answers[row] == texts.language for row in chosen], np.float64))
        weights.append(np.full(len(chosen), weight))


def fit(columns: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weights of a logistic regression, (columns,)."""
    found = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(columns @ found, -30, 30)))
        slope = columns.T @ (weights * (right - likely)) - RIDGE * found
        bend = (columns * (weights * likely * (1 - likely))[:, None]).T @ columns
        found += np.linalg.solve(bend + RIDGE * np.eye(len(found)), slope)
    return found


def _line(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


if __name__ == "__main__":
    main()
