"""The fourth view: how the signals of the documents lie, and where the rules cut."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyarrow.compute as pc

from flows.explore.errors import NothingOf
from flows.explore.subject import Looked
from flows.histograms.gather import LANGUAGE, UNKNOWN, drawable, histograms
from flows.results.words import language_name
from flows.stage_of import policy_of
from flows.terminal.plain_text import plain
from pipeline.lineage.ancestry import Ancestry
from pipeline.select.rule import Rule
from pipeline.store import Store
from schemas.artifact import Manifest

_TABLE = "signals"


def signals(looked: Looked, of: str) -> dict[str, Any]:
    """The signals that there are, the rules that read each, and the languages."""
    versions = looked.versions(of)
    rules = _rules(versions)
    found = []
    for signal, kind in drawable(looked.store, versions):
        read = [rule.kind() for rule in rules if signal in rule.reads]
        found.append({"signal": signal, "kind": kind, "rules": read})
    if not found:
        raise NothingOf("version of a signal family", have=list(versions.versions))
    return {"signals": found, "languages": _languages(looked.store, versions)}


def histogram(looked: Looked, of: str, signal: str, language: str) -> dict[str, Any]:
    """The bars of one signal, kept and dropped, with the thresholds of the rules."""
    versions = looked.versions(of)
    if signal not in dict(drawable(looked.store, versions)):
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
    rules = _rules(asked.versions)
    found = histograms(asked.store, asked.versions, rules, [signal], language=language)[0]
    told = found.model_dump(exclude={"bars", "words", "bounds"}) | {"language": language}
    if found.kind == "word":
        return told | {"bars": [word.model_dump() for word in found.words]}
    bars = [
        bar.model_dump(exclude={"low", "high"}) | {"from": bar.low, "to": bar.high}
        for bar in found.bars
    ]
    bounds = [
        bound.model_dump() | {"languages": [language_name(code) for code in bound.languages]}
        for bound in found.bounds
    ]
    return told | {"bars": bars, "thresholds": bounds}


def _languages(store: Store, versions: Ancestry) -> list[dict[str, Any]]:
    family, _, name = LANGUAGE.rpartition(".")
    manifest = versions.get(family)
    if manifest is None or f"{_TABLE}.{name}" not in manifest.columns:
        return []
    column = store.read(manifest, _TABLE, [name])[name].combine_chunks()
    found = pc.value_counts(column.fill_null(UNKNOWN)).to_pylist()
    ordered = sorted(found, key=lambda one: (-one["counts"], one["values"]))
    return [
        {"code": one["values"], "name": language_name(one["values"]), "documents": one["counts"]}
        for one in ordered
    ]


def _rules(versions: Ancestry) -> tuple[Rule, ...]:
    """The rules of the policy, as the code here reads their configuration."""
    manifest = versions.get("verdicts")
    policy = policy_of(manifest) if manifest else None
    return policy.rules if policy else ()


def _read(versions: Ancestry) -> list[Manifest]:
    """The versions that histograms depend on."""
    verdicts = versions.get("verdicts")
    return [*versions.families().values(), *([verdicts] if verdicts else [])]
