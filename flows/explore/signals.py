"""The fourth view: how the signals of the documents lie, and where the rules cut."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.explore.bins import counts, scale_of, ticks
from flows.explore.errors import NothingOf
from flows.explore.subject import Looked
from flows.explore.thresholds import Threshold, thresholds
from flows.results.words import language_name
from flows.stage_of import stage_of
from flows.terminal.plain_text import plain
from pipeline.errors import BadRecipe
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.places import receipts_of
from pipeline.select.rule import Rule, Signals
from pipeline.select.stage import Verdicts
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import Manifest

_TABLE, _FAMILY, _LANGUAGE = "signals", "signals.", "language.language"
_MOST_WORDS = 24  # bars of a signal that is no number
_UNMEASURED = "measured"


def signals(looked: Looked, of: str) -> dict[str, Any]:
    """The signals that there are, the rules that read each, and the languages."""
    versions = looked.versions(of)
    rules = _rules(versions)
    found = []
    for stage, manifest in versions.families().items():
        for name, kind in _columns(looked.store, manifest):
            signal = f"{stage.removeprefix(_FAMILY)}.{name}"
            read = [rule.kind() for rule in rules if signal in rule.reads]
            found.append({"signal": signal, "kind": kind, "rules": read})
    if not found:
        raise NothingOf("version of a signal family", have=list(versions.versions))
    return {"signals": found, "languages": _languages(looked.store, versions)}


def histogram(looked: Looked, of: str, signal: str, language: str) -> dict[str, Any]:
    """The bars of one signal, kept and dropped, with the thresholds of the rules."""
    versions = looked.versions(of)
    family, _, name = signal.partition(".")
    manifest = versions.get(_FAMILY + family)
    if manifest is None or name not in dict(_columns(looked.store, manifest)):
        raise NothingOf(f"signal {plain(signal, 80)}", have=sorted(versions.families()))
    keys = tuple(sorted((each.ref.stage, each.ref.key) for each in _read(versions)))
    return _histogram(_Asked(looked.store, versions, keys), signal, language)


class _Asked:
    """Versions as the key of a cache: equal where their keys are."""

    def __init__(self, store: Store, versions: Ancestry, keys: tuple[tuple[str, str], ...]) -> None:
        self.store, self.versions, self.keys = store, versions, (store.uri, *keys)

    def __hash__(self) -> int:
        return hash(self.keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.keys == other.keys


@lru_cache(maxsize=512)
def _histogram(asked: _Asked, signal: str, language: str) -> dict[str, Any]:
    store, versions = asked.store, asked.versions
    rules = tuple(rule for rule in _rules(versions) if signal in rule.reads)
    needed = {signal, _LANGUAGE, *(name for rule in rules for name in rule.reads)}
    read: Signals = {
        name: column for name in sorted(needed) if (column := _column(store, versions, name))
    }
    keep = _keep(store, versions, len(read[signal]))
    languages = read.get(_LANGUAGE, pa.nulls(len(read[signal]), pa.string()))
    if language:
        wanted = languages if language != "unknown" else languages.fill_null("unknown")
        here = pc.equal(wanted, language).fill_null(False)
        read = {name: column.filter(here) for name, column in read.items()}
        keep, languages = keep.filter(here), languages.filter(here)
    values = read[signal]
    told = {"signal": signal, "language": language, "documents": len(values)}
    told |= {"missing": values.null_count}
    there = pc.is_valid(values)
    stays, values = keep.filter(there).fill_null(True), values.filter(there)
    if not pa.types.is_integer(values.type) and not pa.types.is_floating(values.type):
        return told | _words(values, stays)
    complete = all(name in read for rule in rules for name in rule.reads)
    bounds = thresholds(rules, signal, read, languages) if complete else []
    return told | _numbers(values, stays, bounds)


def _numbers(values: pa.Array, stays: pa.Array, bounds: list[Threshold]) -> dict[str, Any]:
    numbers = values.cast(pa.float64()).to_numpy()
    stayed = stays.to_numpy(zero_copy_only=False).astype(bool)
    finite = np.isfinite(numbers)
    numbers, stayed = numbers[finite], stayed[finite]
    if not len(numbers):
        return {"kind": "number", "bars": []}
    whole = pa.types.is_integer(values.type)
    scale = scale_of(numbers, [bound.value for bound in bounds], whole=whole)
    found, kept = counts(numbers[stayed], scale, whole=whole)
    _, dropped = counts(numbers[~stayed], scale, whole=whole)
    edges = found.tolist()
    quartiles = [float(q) for q in np.quantile(numbers, (0, 0.25, 0.5, 0.75, 1))]
    return {
        "kind": "number",
        "bars": [
            {"from": left, "to": right, "kept": stays, "dropped": gone}
            | {"at": scale.at(left), "to_at": scale.at(right)}
            for left, right, stays, gone in zip(edges[:-1], edges[1:], kept, dropped, strict=True)
        ],
        "log": scale.log,
        "tail": scale.tail,
        "ticks": ticks(scale),
        "quartiles": quartiles,
        "thresholds": [
            bound._asdict()
            | {"at": scale.at(bound.value)}
            | {"languages": [language_name(code) for code in bound.languages]}
            for bound in bounds
        ],
    }


def _words(values: pa.Array, stays: pa.Array) -> dict[str, Any]:
    texts = values.cast(pa.string())
    rows = pa.table({"word": texts, "stays": stays}).group_by(["word", "stays"])
    by_word: dict[str, dict[bool, int]] = {}
    for row in rows.aggregate([([], "count_all")]).to_pylist():
        by_word.setdefault(row["word"], {})[row["stays"]] = row["count_all"]
    ordered = sorted(by_word.items(), key=lambda word: (-sum(word[1].values()), word[0]))
    bars = [
        {"word": plain(word, 80), "kept": of.get(True, 0), "dropped": of.get(False, 0)}
        for word, of in ordered[:_MOST_WORDS]
    ]
    return {"kind": "word", "bars": bars, "more": len(ordered) - len(bars)}


def _columns(store: Store, manifest: Manifest) -> list[tuple[str, str]]:
    """The signals of a family that can be drawn, and whether each is a number or a word."""
    receipt = next((receipt for _, receipt in receipts_of(store, manifest)), None)
    owned = [name.partition(".") for name in manifest.columns]
    names = [column for table, _, column in owned if table == _TABLE]
    names = [name for name in names if name not in (_UNMEASURED, "doc_id")]
    if receipt is None or receipt.table(_TABLE) is None:
        return []
    found = []
    for field in store.schema(receipt, _TABLE, names):
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            found.append((field.name, "number"))
        elif pa.types.is_string(field.type) or pa.types.is_boolean(field.type):
            found.append((field.name, "word"))
    return found


def _column(store: Store, versions: Ancestry, signal: str) -> pa.Array | None:
    family, _, name = signal.partition(".")
    manifest = versions.get(_FAMILY + family)
    if manifest is None or f"{_TABLE}.{name}" not in manifest.columns:
        return None
    return store.read(manifest, _TABLE, [name])[name].combine_chunks()


def _keep(store: Store, versions: Ancestry, rows: int) -> pa.Array:
    """Whether each document stays by the rules; signals and verdicts have the same rows."""
    verdicts = versions.get("verdicts")
    if verdicts is not None:
        keep = store.read(verdicts, "verdicts", ["keep"])["keep"].combine_chunks()
        if len(keep) == rows:
            return keep
    return pa.nulls(rows, pa.bool_())


def _languages(store: Store, versions: Ancestry) -> list[dict[str, Any]]:
    column = _column(store, versions, _LANGUAGE)
    if column is None:
        return []
    found = pc.value_counts(column.fill_null("unknown")).to_pylist()
    ordered = sorted(found, key=lambda one: (-one["counts"], one["values"]))
    return [
        {"code": one["values"], "name": language_name(one["values"]), "documents": one["counts"]}
        for one in ordered
    ]


def _rules(versions: Ancestry) -> tuple[Rule, ...]:
    """The rules of the policy, as the code here reads their configuration."""
    manifest = versions.get("verdicts")
    if manifest is None:
        return ()
    try:
        stage = stage_of(KeyParts.from_json(manifest.parts))
    except BadRecipe:
        return ()
    return stage.rules if isinstance(stage, Verdicts) else ()


def _read(versions: Ancestry) -> list[Manifest]:
    """The versions that histograms depend on."""
    verdicts = versions.get("verdicts")
    return [*versions.families().values(), *([verdicts] if verdicts else [])]
