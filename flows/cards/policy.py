"""Where a card's pages are from, and by which rules they were judged: in public words."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from flows.cards import counts as card_counts
from pipeline.crawl.source import AGENT
from pipeline.crawl.stage import Pages
from pipeline.lineage.living import Living
from pipeline.select.stage import Verdicts
from pipeline.stage import Stage
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.card import RuleFacts, Settings, SourceFacts

LOCAL = ("paths", "file")  # settings that name places of one machine
OPERATOR = ("contact",)  # settings that name a person


def sources_of(
    store: Store, stage: Stage | None, found: Mapping[str, Manifest], living: Living
) -> tuple[SourceFacts, ...]:
    """The source of the pages, with what was chosen for it and when it was read."""
    if not isinstance(stage, Pages):
        return ()
    source = stage.source
    first, last = card_counts.fetched(store, found["pages"])
    chosen = source.model_dump(mode="json", exclude={*source.pace}, exclude_defaults=True)
    return (
        SourceFacts(
            kind=source.kind(),
            about=source.documentation().partition("\n")[0],
            settings=public({name: value for name, value in chosen.items() if name != "kind"}),
            crawler=AGENT if source.kind() == "web" else "",
            pages=living.pages(),
            first=first,
            last=last,
        ),
    )


def rules_of(stage: Stage | None, living: Living) -> tuple[RuleFacts, ...]:
    """The rules in order, with all their thresholds, and what each took."""
    count = living.count("verdicts")
    if not isinstance(stage, Verdicts) or count is None:
        return ()
    dropped = living.drops("verdicts")
    judged = count.kept + count.dropped + count.quarantined
    found = []
    for rule in stage.rules:
        chosen = rule.model_dump(mode="json")
        took = dropped.get(rule.kind(), 0)
        found.append(
            RuleFacts(
                rule=rule.kind(),
                about=rule.documentation().partition("\n")[0],
                settings={name: value for name, value in chosen.items() if name != "kind"},
                dropped=took,
                rate=took / judged if judged else None,
            )
        )
    return tuple(found)


def public(values: dict[str, JsonValue]) -> Settings:
    """Settings without where files lie on somebody's machine, and without who runs it."""
    return {
        name: _named(value) if name in LOCAL else _deep(value)
        for name, value in values.items()
        if name not in OPERATOR
    }


def _deep(value: JsonValue) -> JsonValue:
    return public(value) if isinstance(value, dict) else value


def _named(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.replace("\\", "/").rpartition("/")[2]
    return [_named(each) for each in value] if isinstance(value, list | tuple) else value
