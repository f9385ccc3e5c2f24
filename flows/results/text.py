"""The results of a run in a terminal: a few lines, the page's place, and what to try next."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from flows.results.figures import Figures, Training
from flows.results.words import (
    beaten,
    effect,
    kind_name,
    language_name,
    leak_sentence,
    rule_name,
    short,
)
from flows.terminal.plain_text import one_line, plain

_BLOCKS = "▁▂▃▄▅▆▇█"
_SPARKS = 24  # characters of the loss curve
_MOST = 8  # rules or languages on a line
_PASSAGE = 280  # characters


def short_form(figures: Figures, page: str, address: str = "") -> Text:
    """What the page says, in a dozen lines.

    Args:
        figures: the run's; texts in them that come from pages can show nothing but themselves.
        page: where the page lies.
        address: its URI, for terminals that have links.
    """
    text = Text("\n")
    text.append(f"{one_line(figures.description or figures.recipe)}\n", "bold")
    text.append(f"{effect(figures)}\n\n")
    for name, told in _lines(figures):
        text.append(f"  {name:<13}", "dim")
        text.append(f"{told}\n")
    training = figures.training
    if training and training.passages:
        passage = one_line(training.passages[0], _PASSAGE)
        text.append("\n  The model writes: ", "dim")
        text.append(f"{passage}\n", "italic")
    text.append("\nThe whole page: ", "bold")
    text.append(f"{plain(page)}\n", Style(link=address or None))
    text.append("\nTry next\n", "bold")
    for each in figures.tries:
        text.append(f"  {one_line(each.why)}\n", "dim")
        text.append(f"    {plain(each.command)}\n", "cyan")
    return text


def _lines(figures: Figures) -> list[tuple[str, str]]:
    left = [f"{each.documents:,} {rule_name(each)}" for each in figures.left]
    languages = [
        f"{language_name(each.language)} {each.corpus:,}"
        for each in figures.languages
        if each.corpus
    ]
    private = [
        f"{count:,} {kind_name(kind, count)}"
        for kind, count in sorted(figures.private_data.items(), key=lambda kind: -kind[1])
    ]
    lines = [("left", _some(left)), ("languages", _some(languages)), ("redacted", _some(private))]
    if figures.tokens:
        tokens = f"{figures.tokens:,} to train on, {figures.validation_tokens:,} for validation"
        lines.append(("tokens", tokens))
    if figures.training:
        lines += _training(figures.training)
    if figures.leak:
        lines.append(("leak", leak_sentence(figures.leak)))
    return [(name, one_line(told, 2000)) for name, told in lines if told]


def _training(training: Training) -> list[tuple[str, str]]:
    lines = []
    if training.curve:
        losses = [point.loss for point in training.curve]
        speed = f", {short(training.tokens_per_second)} tokens/s" * bool(training.tokens_per_second)
        steps = f"over {training.curve[-1].step:,} steps{speed}"
        lines.append(("loss", f"{losses[0]:.2f} {_spark(losses)} {losses[-1]:.2f} {steps}"))
    if training.model:
        told = (
            f"loss {training.model.loss:.3f}, perplexity {training.model.perplexity:,.1f}, "
            f"{training.model.bits_per_byte:.3f} bits per byte"
        )
        lines.append(("validation", told))
    if training.bigram:
        told = (
            f"loss {training.bigram.loss:.3f}, perplexity {training.bigram.perplexity:,.1f}, "
            f"{training.bigram.bits_per_byte:.3f} bits per byte"
        )
        lines += [("bigram", told), ("", beaten(training))]
    return lines


def _some(parts: list[str]) -> str:
    more = f", and {len(parts) - _MOST} more" if len(parts) > _MOST else ""
    return ", ".join(parts[:_MOST]) + more


def _spark(values: list[float]) -> str:
    """A curve in one line of text."""
    step = max(len(values) / _SPARKS, 1)
    some = [values[int(n * step)] for n in range(min(len(values), _SPARKS))]
    low, high = min(some), max(some)
    scale = (len(_BLOCKS) - 1) / ((high - low) or 1)
    return "".join(_BLOCKS[round((value - low) * scale)] for value in some)
