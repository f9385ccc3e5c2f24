"""The report as a page: one HTML file that needs nothing from outside and runs no script."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from flows.histograms.histogram import Histogram
from flows.report.charts import amount, columns, histogram
from flows.report.figures import Language, Report
from flows.results.charts import Bar, bars
from flows.results.template import style, template
from flows.results.words import counted, kind_name, language_name, short
from flows.terminal.plain_text import plain
from pipeline.lineage.markdown import size

_MOST_BARS = 14
_MOST_SIZES = 9  # columns of cluster sizes
_QUARTERS = ("least", "lower quarter", "median", "upper quarter", "greatest")


def page(report: Report) -> str:
    """The page; every text in the report may come from a page and is escaped."""
    found = template("report.html")
    return found.render(
        report=report,
        style=style("results.css", "report.css"),
        sentence=_sentence(report),
        documents=Markup(_funnel(report, "documents")),
        sizes=Markup(_funnel(report, "bytes")),
        stages=_stages(report),
        languages=Markup(_languages(report.languages)),
        charts=[_chart(report, each) for each in _spread(report)],
        same=[each for each in report.signals if each.bars and not _varies(each)],
        words=[_words(report, each) for each in report.signals if _says_more(each)],
        families=list(dict.fromkeys(each.signal.partition(".")[0] for each in report.signals)),
        clusters=Markup(columns(_cluster_sizes(report), "Clusters by size")),
        similar=Markup(columns(_similar(report), "Near duplicates by similarity")),
        lengths=Markup(histogram(report.tokens.lengths)) if report.tokens else "",
        quarters=_quarters(report.tokens.lengths) if report.tokens else "",
        kind_name=kind_name,
        amount=amount,
        size=size,
        stored=sum(each.stored_bytes for each in report.versions),
    )


def _sentence(report: Report) -> str:
    pages, corpus = report.stations[0], report.stations[3]
    tokens = f" and {short(report.tokens.tokens)} tokens to train on" if report.tokens else ""
    return (
        f"{counted(pages.documents, 'page')} became {counted(corpus.documents, 'document')} of "
        f"{size(corpus.text_bytes or 0)} of text{tokens}."
    )


def _funnel(report: Report, what: str) -> str:
    """What came to each place, and what had left on the way from the one before."""
    rows: list[Bar] = []
    before: float | None = None
    for station in report.stations:
        count = station.documents if what == "documents" else station.text_bytes
        if count is None:
            continue
        left = max((before if before is not None else count) - count, 0)
        told = f"{count:,}" if what == "documents" else size(count)
        share = f", {left / before:.1%} fewer" if before and left else ""
        rows.append(Bar(plain(station.name, 60), f"{told}{share}", count, left))
        before = count
    return bars(rows, f"{what} by stage")


def _stages(report: Report) -> list[tuple[str, str, list[object]]]:
    titles = (
        ("documents", "Quarantined or dropped while text was extracted"),
        ("verdicts", "Dropped by the rules"),
        ("clusters", "Duplicates"),
        ("mixture", "Left out by the mixture"),
    )
    found: list[tuple[str, str, list[object]]] = []
    for stage, title in titles:
        those = [each for each in report.reasons if each.stage == stage]
        if those:
            found.append((stage, title, list(those)))
    return found


def _languages(languages: Sequence[Language]) -> str:
    shown, rest = languages[:_MOST_BARS], languages[_MOST_BARS:]
    rows = [_bar(language_name(each.language), (each,)) for each in shown]
    if rest:
        rows.append(_bar(counted(len(rest), "other language"), rest))
    return bars(rows, "Documents by language, kept and left")


def _bar(name: str, these: Sequence[Language]) -> Bar:
    stayed, extracted = (sum(getattr(x, n) for x in these) for n in ("corpus", "extracted"))
    return Bar(plain(name, 60), f"{stayed:,} of {extracted:,}", stayed, extracted - stayed)


def _spread(report: Report) -> list[Histogram]:
    """The numbers that differ from document to document; those that a rule reads come first."""
    found = [each for each in report.signals if each.bars and _varies(each)]
    return sorted(found, key=lambda each: (not report.read.get(each.signal), _by_size(each.signal)))


def _by_size(name: str) -> str:
    """What sorts names by the numbers in them: duplicate_5_grams before duplicate_10_grams."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(9), name)


def _says_more(found: Histogram) -> bool:
    """Words, of which some have a chart of their own on the page."""
    return bool(found.words) and found.signal != "language.language"


def _varies(found: Histogram) -> bool:
    return found.quartiles[0] < found.quartiles[-1]


def _chart(report: Report, found: Histogram) -> dict[str, object]:
    """A histogram and what is said under it."""
    notes = [f"median {amount(found.quartiles[2])}"]
    notes += [f"half between {amount(found.quartiles[1])} and {amount(found.quartiles[3])}"]
    notes += [f"{found.missing:,} without a value"] * bool(found.missing)
    notes += ["logarithmic"] * found.log + ["the last bar holds all above it"] * found.tail
    return _figure(report, found, histogram(found), notes)


def _figure(report: Report, found: Histogram, svg: str, notes: list[str]) -> dict[str, object]:
    return {
        "signal": found.signal,
        "family": found.signal.partition(".")[0],
        "svg": Markup(svg),
        "note": "; ".join(notes),
        "read": ", ".join(report.read.get(found.signal, ())),
    }


def _words(report: Report, found: Histogram) -> dict[str, object]:
    rows = [
        Bar(each.word, f"{each.kept:,} of {each.kept + each.dropped:,}", each.kept, each.dropped)
        for each in found.words[:_MOST_BARS]
    ]
    more = found.more + max(len(found.words) - _MOST_BARS, 0)
    notes = [f"{found.missing:,} without a value"] * bool(found.missing)
    notes += [counted(more, "other value")] * bool(more)
    return _figure(report, found, bars(rows, found.signal), notes)


def _cluster_sizes(report: Report) -> list[tuple[str, int]]:
    """Clusters by size: 2, 3, 4, 5 to 8, 9 to 16, and so on."""
    sizes = report.duplicates.sizes
    bounds = [(2, 2), (3, 3), (4, 4)]
    while len(bounds) < _MOST_SIZES - 1:
        bounds.append((bounds[-1][1] + 1, bounds[-1][1] * 2))
    found = [
        (str(low) if low == high else f"{low}–{high}", _between(sizes, low, high))
        for low, high in bounds
    ]
    last = bounds[-1][1]
    found.append((f">{last}", _between(sizes, last + 1, 2**62)))
    while found and not found[-1][1]:
        found.pop()
    return found


def _between(sizes: Sequence[tuple[int, int]], low: int, high: int) -> int:
    return sum(count for size, count in sizes if low <= size <= high)


def _similar(report: Report) -> list[tuple[str, int]]:
    """Near duplicates by similarity, two hundredths a column."""
    found: dict[int, int] = {}
    for similarity, count in report.duplicates.similar:
        at = round(similarity * 100) // 2 * 2
        found[at] = found.get(at, 0) + count
    if not found:
        return []
    return [(f".{at:02d}", found.get(at, 0)) for at in range(min(found), 100, 2)][-12:]


def _quarters(lengths: Histogram) -> str:
    return ", ".join(
        f"{name} {amount(value)}" for name, value in zip(_QUARTERS, lengths.quartiles, strict=False)
    )
