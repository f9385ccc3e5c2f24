"""The data card in short: what is in a version, of what, and for which windows."""

from __future__ import annotations

from flows.results.figures import Figures
from flows.results.words import counted, effect, kind_name, language_name, short
from flows.shown.markdown import paragraphs, table, words

_MOST_LANGUAGES = 12


def card_markdown(figures: Figures) -> str:
    """Counts, languages, tokens, private data and windows of one run's versions."""
    return paragraphs(
        f"**{words(figures.description or figures.recipe)}**",
        words(effect(figures), 600),
        table(("", "documents"), _stations(figures), ("documents",)),
        _languages(figures),
        _private(figures),
        _windows(figures),
    )


def _stations(figures: Figures) -> list[tuple[str, str]]:
    at = figures.stations
    told = (
        ("pages", at.pages),
        ("extracted", at.extracted),
        ("kept by the rules", at.kept),
        ("unique: the corpus", at.corpus),
        ("to train on", at.train),
        ("held out", at.held_out),
    )
    return [(name, f"{count:,}") for name, count in told if count is not None]


def _languages(figures: Figures) -> str:
    there = [each for each in figures.languages if each.corpus]
    if not there:
        return ""
    numbers = ("documents", "tokens") if figures.tokens else ("documents",)
    rows = [
        (words(language_name(each.language)), f"{each.corpus:,}", short(each.tokens))
        for each in there[:_MOST_LANGUAGES]
    ]
    cut = [row[: 1 + len(numbers)] for row in rows]
    rest = len(there) - len(rows)
    more = f"and {counted(rest, 'other language')}" if rest else ""
    return paragraphs(table(("language", *numbers), cut, numbers), more)


def _private(figures: Figures) -> str:
    told = [f"{n:,} {kind_name(kind, n)}" for kind, n in sorted(figures.private_data.items())]
    return f"Redacted in the corpus: {words(', '.join(told))}." if told else ""


def _windows(figures: Figures) -> str:
    seen = f"Of {counted(figures.windows, 'window')}, the newest {words(figures.window)}"
    past = [f"{figures.replaced:,} replaced"] * bool(figures.replaced)
    past += [f"{figures.gone:,} gone"] * bool(figures.gone)
    return f"{seen}; of earlier pages {', '.join(past)}." if past else f"{seen}."
