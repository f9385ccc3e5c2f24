"""Histograms of any number of signals in two passes over their columns.

The first finds the ends of each signal, and a sample that says how its values lie and against
which bounds the rules hold them; so the bars are chosen. The second counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.histograms.bins import Numbers, Scale, counts, edges_of, scale_of, ticks
from flows.histograms.histogram import Bar, Bound, Histogram, Tick, Word
from flows.histograms.sample import Sample
from flows.histograms.thresholds import Threshold, thresholds
from flows.terminal.plain_text import plain
from pipeline.lineage.aligned import Rows, aligned
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.places import receipts_of
from pipeline.select.rule import Rule
from pipeline.store import Store

LANGUAGE, KEEP = "signals.language.language", "verdicts.keep"
_FAMILY = "signals."
UNKNOWN = "unknown"  # the language that nobody could tell
_MOST_WORDS = 24  # bars of a signal that is no number

Read = Callable[[], Iterator[Rows]]


def histograms(
    store: Store,
    versions: Ancestry,
    rules: Sequence[Rule],
    signals: Sequence[str],
    *,
    language: str = "",
    past: Mapping[str, pa.Array] | None = None,
) -> list[Histogram]:
    """The histograms of some signals, `words.words`, kept and dropped documents apart.

    Args:
        store: where the versions are.
        versions: families of signals, and verdicts where there are some.
        rules: of the policy.
        signals: those to draw; each is a number, a word or a truth value.
        language: only documents in this one; "" for all, `unknown` for those in none.
        past: shard -> doc_ids to leave out.
    """
    columns = _columns(versions, rules, signals)

    def read() -> Iterator[Rows]:
        for rows in aligned(store, versions.versions, columns, past=past):
            yield rows if not language else rows.filter(_in(rows, language))

    kinds = dict(drawable(store, versions))
    return drawn(read, {f"signals.{signal}": kinds[signal] for signal in signals}, rules)


def drawn(read: Read, kinds: Mapping[str, str], rules: Sequence[Rule] = ()) -> list[Histogram]:
    """The histograms of any columns.

    Args:
        read: gives all rows, each time that it is called.
        kinds: column -> number or word.
        rules: that may hold bounds against them.
    """
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    sample, seen = _seen(read, tuple(kinds), numbers)
    axes = _axes(sample, seen, rules, numbers)
    bars = _counted(read, axes) if axes else {}
    return [
        _number(name, seen[name], axes.get(name), bars.get(name))
        if name in numbers
        else _word(name, seen[name])
        for name in kinds
    ]


class _Seen:
    """What the first pass finds of one signal."""

    def __init__(self) -> None:
        self.documents = self.missing = 0
        self.low, self.high = np.inf, -np.inf
        self.whole = False
        self.words: Counter[tuple[str, bool]] = Counter()  # (word, kept)

    def add(self, column: pa.Array, keep: pa.Array, *, number: bool) -> None:
        self.documents += len(column)
        self.missing += column.null_count
        if number:
            self.whole = pa.types.is_integer(column.type)
            values = _finite(column)
            if len(values):
                self.low = min(self.low, float(values.min()))
                self.high = max(self.high, float(values.max()))
            return
        table = pa.table({"word": column.cast(pa.string()), "kept": keep})
        table = table.filter(column.is_valid())
        for row in table.group_by(["word", "kept"]).aggregate([([], "count_all")]).to_pylist():
            self.words[row["word"], row["kept"]] += row["count_all"]


class _Axis:
    """Where the bars of one signal lie."""

    def __init__(self, seen: _Seen, values: Numbers, bounds: list[Threshold]) -> None:
        self.bounds, whole = bounds, seen.whole
        near = [bound.value for bound in bounds]
        self.scale: Scale = scale_of(values, near, low=seen.low, high=seen.high, whole=whole)
        self.edges = edges_of(self.scale, whole=whole)
        inner = np.quantile(values, (0.25, 0.5, 0.75))
        self.quartiles = (seen.low, *map(float, inner), seen.high)


def _seen(
    read: Read, names: Sequence[str], numbers: Sequence[str]
) -> tuple[dict[str, pa.Array], dict[str, _Seen]]:
    sample, seen = Sample(), {name: _Seen() for name in names}
    for rows in read():
        sample.add(rows)
        keep = _keep(rows)
        for name in names:
            seen[name].add(rows.columns[name], keep, number=name in numbers)
    return sample.columns(), seen


def _axes(
    sample: Mapping[str, pa.Array],
    seen: Mapping[str, _Seen],
    rules: Sequence[Rule],
    numbers: Sequence[str],
) -> dict[str, _Axis]:
    measured = {name.removeprefix(_FAMILY): column for name, column in sample.items()}
    axes = {}
    for name in numbers:
        signal = name.removeprefix(_FAMILY)
        values = _finite(measured[signal]) if signal in measured else np.empty(0)
        if len(values):
            readers = tuple(rule for rule in rules if signal in rule.reads)
            complete = all(name in measured for rule in readers for name in rule.reads)
            languages = sample.get(LANGUAGE, pa.nulls(len(measured[signal]), pa.string()))
            bounds = thresholds(readers, signal, measured, languages) if complete else []
            axes[name] = _Axis(seen[name], values, bounds)
    return axes


def _counted(read: Read, axes: Mapping[str, _Axis]) -> dict[str, tuple[Numbers, Numbers]]:
    """Documents kept and dropped in each bar."""
    found = {s: (np.zeros(len(a.edges) - 1), np.zeros(len(a.edges) - 1)) for s, a in axes.items()}
    for rows in read():
        keep = _keep(rows)
        for name, axis in axes.items():
            column = rows.columns[name]
            for side, here in zip(found[name], (keep, pc.invert(keep)), strict=True):
                side += counts(_finite(column.filter(here)), axis.edges)
    return found


def _number(
    name: str, seen: _Seen, axis: _Axis | None, bars: tuple[Numbers, Numbers] | None
) -> Histogram:
    told = Histogram(
        signal=name.removeprefix(_FAMILY),
        kind="number",
        documents=seen.documents,
        missing=seen.missing,
    )
    if axis is None or bars is None:
        return told
    scale, edges = axis.scale, axis.edges.tolist()
    return told.model_copy(
        update={
            "bars": tuple(
                Bar(
                    low=low,
                    high=high,
                    kept=int(kept),
                    dropped=int(dropped),
                    at=scale.at(low),
                    to_at=scale.at(high),
                )
                for low, high, kept, dropped in zip(edges[:-1], edges[1:], *bars, strict=True)
            ),
            "log": scale.log,
            "tail": scale.tail,
            "ticks": tuple(Tick(value=value, at=at) for value, at in ticks(scale)),
            "quartiles": axis.quartiles,
            "bounds": tuple(
                Bound.model_validate(bound._asdict() | {"at": scale.at(bound.value)})
                for bound in axis.bounds
            ),
        }
    )


def _word(name: str, seen: _Seen) -> Histogram:
    found = {word for word, _ in seen.words}
    each = [
        Word(word=plain(word, 80), kept=seen.words[word, True], dropped=seen.words[word, False])
        for word in found
    ]
    each.sort(key=lambda one: (-one.kept - one.dropped, one.word))
    return Histogram(
        signal=name.removeprefix(_FAMILY),
        kind="word",
        documents=seen.documents,
        missing=seen.missing,
        words=tuple(each[:_MOST_WORDS]),
        more=max(len(each) - _MOST_WORDS, 0),
    )


def _columns(
    versions: Ancestry, rules: Sequence[Rule], signals: Sequence[str]
) -> dict[str, list[str]]:
    """What to read: the signals, and what the rules read beside them."""
    beside = {name for rule in rules if set(rule.reads) & set(signals) for name in rule.reads}
    columns: dict[str, list[str]] = {}
    for signal in sorted({*signals, *beside, LANGUAGE.removeprefix("signals.")}):
        family, _, column = signal.rpartition(".")
        manifest = versions.get(f"signals.{family}")
        if manifest and f"signals.{column}" in manifest.columns:
            columns.setdefault(f"signals.{family}", []).append(column)
    if versions.get("verdicts"):
        columns["verdicts"] = ["keep"]
    return columns


def drawable(store: Store, versions: Ancestry) -> list[tuple[str, str]]:
    """The signals that can be drawn, and whether each is a number or a word."""
    found = []
    for stage, manifest in versions.families().items():
        receipt = next((receipt for _, receipt in receipts_of(store, manifest)), None)
        if receipt is None or receipt.main is None:
            continue
        owned = [name.removeprefix("signals.") for name in manifest.columns]
        wanted = [name for name in owned if name not in ("measured", "doc_id")]
        for field in store.schema(receipt, receipt.main, wanted):
            kind = _kind(field.type)
            if kind:
                found.append((f"{stage.removeprefix('signals.')}.{field.name}", kind))
    return found


def _kind(of: pa.DataType) -> str:
    if pa.types.is_integer(of) or pa.types.is_floating(of):
        return "number"
    return "word" if pa.types.is_string(of) or pa.types.is_boolean(of) else ""


def _keep(rows: Rows) -> pa.Array:
    """Whether each document stays by the rules; where nobody has judged it, it does."""
    keep = rows.columns.get(KEEP)
    return pa.array([True] * len(rows.doc_id)) if keep is None else keep.fill_null(True)


def _in(rows: Rows, language: str) -> pa.Array:
    languages = rows.columns[LANGUAGE]
    if language == UNKNOWN:
        languages = languages.fill_null(UNKNOWN)
    return pc.equal(languages, language).fill_null(False)


def _finite(column: pa.Array) -> Numbers:
    values = column.drop_null().cast(pa.float64()).to_numpy(zero_copy_only=False)
    finite: Numbers = values[np.isfinite(values)]
    return finite
