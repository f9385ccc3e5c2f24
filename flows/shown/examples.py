"""Some of the documents that a run dropped, private data redacted, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from flows.private_text import redacted
from flows.shown.markdown import address, paragraphs, words
from flows.shown.rates import Place, Rate
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.pick import Picked, pick_left
from pipeline.store import Store

MOST_RULES = 6
EACH = 2  # documents of a rule
CHARACTERS = 240  # of a text
MOST_ROWS = 300_000  # of ledgers, to look through at the end of a run: about a second


def examples_markdown(store: Store, versions: Ancestry, now: Mapping[Place, Rate]) -> str:
    """The rules that took most, and two documents of each; the same ones each time."""
    chosen = sorted(now, key=lambda place: (-now[place].documents, place))[:MOST_RULES]
    looked_through = sum(_rows(versions, stage) for stage, _ in chosen)
    if looked_through > MOST_ROWS:
        return "`penstock sample verdicts --dropped` shows some of so many documents."
    return paragraphs(*(_of_rule(store, versions, place, now[place]) for place in chosen))


def _rows(versions: Ancestry, stage: str) -> int:
    return versions.versions[stage].rows.get("ledger", 0)


def _of_rule(store: Store, versions: Ancestry, place: Place, rate: Rate) -> str:
    stage, rule = place
    picked = pick_left(store, versions, stage, EACH, rule=rule)
    title = f"**{words(rule)}** at {words(stage)}: {rate.documents:,} of {rate.of:,} documents"
    return paragraphs(title, *map(_document, picked))


def _document(picked: Picked) -> str:
    title = f" **{words(redacted(picked.title), 120)}**" if picked.title else ""
    text = words(picked.text or "", CHARACTERS)
    return paragraphs(
        f"{address(redacted(picked.place.url))}{title}  \n{_reason(picked)}",
        f"> {text}" if text else "",
    )


def _reason(picked: Picked) -> str:
    left = picked.left or {}
    told = [str(left.get("outcome", "dropped"))]
    for name in ("value", "threshold"):
        if left.get(name) is not None:
            told.append(f"{name} {left[name]:.4g}")
    if left.get("kept"):
        told.append(f"{left['kept'].hex()} kept in its place")
    if left.get("detail"):
        told.append(redacted(str(left["detail"])))
    return words(", ".join(told))
