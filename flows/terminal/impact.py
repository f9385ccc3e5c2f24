"""What something reaches, as a terminal shows it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from flows.lineage.seen import Exposure, exposure
from flows.terminal.plain_text import one_line
from flows.terminal.tables import table
from pipeline.lineage.impact import Impact, Learnt
from pipeline.store import Store

_MOST_NAMES = 4
_WORDS = {
    "page": "fetched or read",
    "kept": "in a corpus or a validation set",
    "packed": "in rows of tokens",
    "dropped": "dropped by a rule, in some version",
    "quarantined": "quarantined, in some version",
}


def impact_text(found: Impact, store: Store) -> RenderableType:
    """Documents, shards, versions with their names, models."""
    shards = sum(map(len, found.shards.values()))
    head = Text(f"{one_line(found.subject, 2000)}\n", "bold")
    head.append(
        f"  {_count(found.documents, 'document')}; {_count(shards, 'shard')} of "
        f"{_count(len(found.shards), 'stage')}, {found.size / 1e6:,.1f} MB, hold something of it\n"
    )
    for kind, documents in found.records.items():
        head.append(f"  {documents:,} {_WORDS.get(kind, kind)}\n", "dim")
    if not shards:
        head.append("  no data of it is left in the store\n")
    versions = table("version", "names", "shards with it", "of", right=("shards with it", "of"))
    for each in found.versions:
        names = [*each.names[:_MOST_NAMES], *(["..."] if len(each.names) > _MOST_NAMES else [])]
        cells = (str(each.ref), " ".join(names), f"{each.shards:,}", f"{each.of_shards:,}")
        versions.add_row(*map(Text, cells))
    for ref in found.descendants:
        versions.add_row(Text(str(ref)), Text("follows from these", "dim"), "", "")
    models = Text()
    for learnt in found.models:
        models.append(f"\n{learnt.model} {_seen(learnt, store)}")
    if not found.models:
        models.append("\nNo model in the store learnt from it.")
    return Group(head, versions, models)


def impact_json(found: Impact, store: Store) -> dict[str, Any]:
    """The same in plain values."""
    return {
        "subject": found.subject,
        "documents": found.documents,
        "records": found.records,
        "shards": {stage: len(shards) for stage, shards in found.shards.items()},
        "bytes": found.size,
        "versions": [
            {"version": f"{e.ref.stage}@{e.ref.key}", "names": list(e.names), "shards": e.shards}
            for e in found.versions
        ],
        "descendants": [f"{ref.stage}@{ref.key}" for ref in found.descendants],
        "models": [_model(learnt, store) for learnt in found.models],
    }


def _model(learnt: Learnt, store: Store) -> dict[str, Any]:
    seen = _exposure(learnt, store)
    return {
        "version": f"{learnt.model.stage}@{learnt.model.key}",
        "tokens": f"{learnt.tokens.stage}@{learnt.tokens.key}",
        "rows": len(learnt.rows),
        "of_rows": learnt.of_rows,
        "first_step": seen.first if seen else 0,
        "times": seen.times if seen else None,
    }


def _exposure(learnt: Learnt, store: Store) -> Exposure | None:
    """None of a whole version: the model stands on all of it."""
    if not learnt.of_rows:
        return None
    return exposure(learnt.rows, learnt.of_rows, store.open(learnt.model))


def _seen(learnt: Learnt, store: Store) -> str:
    seen = _exposure(learnt, store)
    if seen is None:
        return f"was trained on what was made of it, {learnt.tokens}"
    rows = f"{_count(len(learnt.rows), 'row')} of the {learnt.of_rows:,} of {learnt.tokens}"
    if seen.first is None:
        return f"could have learnt from {rows}, but no step of its {seen.steps:,} came to them"
    return (
        f"learnt from {rows}: first at step {seen.first:,} of {seen.steps:,}, "
        f"{_count(seen.times, 'time')} in all"
    )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")
