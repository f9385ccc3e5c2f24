"""A model's scores beside the bigram model's, as rows of a table."""

from __future__ import annotations

from flows.results.figures import Figures
from flows.results.words import language_name
from schemas.jobs import Score

Row = dict[str, str | int | float]


def score_rows(figures: Figures) -> list[Row]:
    """All held-out text first, then each language."""
    training = figures.training
    if training is None or training.model is None:
        return []
    rows = [_row("all", training.model, training.bigram)]
    rows += [
        _row(language_name(each.language), each.model, each.bigram)
        for each in figures.languages
        if each.model
    ]
    return rows


def _row(text: str, model: Score, bigram: Score | None) -> Row:
    return {
        "held-out text": text,
        "tokens": model.tokens,
        "loss": round(model.loss, 4),
        "perplexity": round(model.perplexity, 1),
        "bits per byte": round(model.bits_per_byte, 4),
        "bigram's bits": round(bigram.bits_per_byte, 4) if bigram else "",
    }
