"""The results page: one HTML file that needs nothing from outside and runs no script."""

from __future__ import annotations

from markupsafe import Markup

from flows.results.charts import Bar, Level, Station, bars, loss_curve, stream
from flows.results.figures import Figures, LanguageFigures
from flows.results.template import style, template
from flows.results.words import (
    beaten,
    counted,
    effect,
    kind_name,
    language_name,
    leak_sentence,
    rule_name,
)

_MOST_BARS = 14


def page(figures: Figures, lineage: str = "") -> str:
    """The page.

    Args:
        figures: what it shows; every text in it may come from a page and is escaped.
        lineage: the lineage graph, an <svg> element.
    """
    return template("results.html").render(
        figures=figures,
        style=style("results.css"),
        title=figures.description or figures.recipe,
        effect=effect(figures),
        stream=Markup(_stream(figures)),
        rules=Markup(_rules(figures)),
        languages=Markup(_languages(figures)),
        curve=Markup(_curve(figures)),
        beaten=beaten(figures.training) if figures.training else "",
        leak=leak_sentence(figures.leak) if figures.leak else "",
        private_data=[(kind_name(*each), each[1]) for each in _most(figures.private_data)],
        lineage=Markup(lineage),
    )


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _stream(figures: Figures) -> str:
    at = figures.stations
    by_stage: dict[str, list[str]] = {}
    for outcome, stage, words in (
        ("quarantined", "documents", "quarantined"),
        ("dropped", "documents", "dropped"),
        ("dropped", "verdicts", "dropped by rules"),
    ):
        count = sum(x.documents for x in figures.left if (x.outcome, x.stage) == (outcome, stage))
        if count:
            by_stage.setdefault(stage, []).append(f"{count:,} {words}")
    for each in figures.left:
        if each.stage in ("clusters", "mixture"):
            by_stage.setdefault("clusters", []).append(f"{each.documents:,} {rule_name(each)}")
    places = (
        ("pages", at.pages, "documents"),
        ("extracted", at.extracted, "verdicts"),
        ("kept by the rules", at.kept, "clusters"),
        ("unique: the corpus", at.corpus, ""),
    )
    stations = [
        Station(name, count, tuple(by_stage.get(following, ())))
        for name, count, following in places
        if count is not None
    ]
    ends = []
    if at.train is not None and at.held_out is not None:
        ends = [Station("train", at.train), Station("held out", at.held_out)]
    return stream(stations, ends) if len(stations) > 1 else ""


def _rules(figures: Figures) -> str:
    kept = figures.stations.corpus if figures.stations.corpus is not None else 0
    rows = [Bar("in the corpus", f"{kept:,}", kept)] if kept else []
    rows += [
        Bar(rule_name(each), f"{each.documents:,}", 0, each.documents)
        for each in figures.left[:_MOST_BARS]
    ]
    return bars(rows, "Documents kept, and dropped by each rule") if figures.left else ""


def _languages(figures: Figures) -> str:
    shown, rest = figures.languages[:_MOST_BARS], figures.languages[_MOST_BARS:]
    rows = [_language_bar(language_name(each.language), (each,)) for each in shown]
    if rest:
        rows.append(_language_bar(f"{counted(len(rest), 'other language')}", rest))
    return bars(rows, "Documents by language, kept and left") if rows else ""


def _language_bar(name: str, these: tuple[LanguageFigures, ...]) -> Bar:
    stayed = sum(each.corpus for each in these)
    extracted = max(sum(each.extracted for each in these), stayed)
    return Bar(name, f"{stayed:,} of {extracted:,}", stayed, extracted - stayed)


def _curve(figures: Figures) -> str:
    training = figures.training
    if training is None or not training.curve:
        return ""
    levels = []
    if training.model:
        levels.append(Level("validation", training.model.loss, "model"))
    if training.bigram:
        levels.append(Level("bigram model", training.bigram.loss, "bigram"))
    return loss_curve([(point.step, point.loss) for point in training.curve], levels)
