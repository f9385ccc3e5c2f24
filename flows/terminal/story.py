"""A document's story as a terminal shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from flows.lineage.rule_verdicts import AskedRule
from flows.lineage.seen import steps_that_saw
from flows.terminal.plain_text import one_line
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.chapters import Chapter
from pipeline.lineage.story import Departure, Story

_INDENT = 22
_SAID = ("url", "window", "payload_sha256", "text_sha256", "split_group", "last_modified", "etag")
_MOST_PIECES = 6


def story_text(story: Story, versions: Ancestry, rules: Sequence[AskedRule] = ()) -> Text:
    """The whole story: where it ended first, then stage by stage; every rule with its value."""
    text = Text()
    text.append(f"{one_line(story.url, 2000) or story.doc_id}\n", "bold")
    text.append(f"  {ending(story)}\n\n", "green" if story.kept else "yellow")
    _row(text, "doc_id", story.doc_id)
    _row(text, "window", f"{story.window}, shard {story.shard}")
    for chapter in story.chapters:
        _chapter(text, story, chapter, rules)
    for left in story.departures:
        if story.chapter(left.stage) is None:
            _row(text, left.stage, departure(left), "yellow")
    for trained in story.models:
        steps = steps_that_saw(trained, versions)
        _row(
            text,
            "model",
            f"{trained.model} learnt from {_counted(len(trained.rows), 'row')} of "
            f"its {trained.of_rows:,}{steps}",
        )
    if not story.models and story.chapter("tokens"):
        _row(text, "model", "none has been trained on it")
    return text


def _chapter(text: Text, story: Story, chapter: Chapter, rules: Sequence[AskedRule]) -> None:
    _row(text, chapter.stage, _facts(chapter))
    if chapter.stage == "pages" and chapter.facts.get("source") == "web":
        _row(text, "", "robots.txt allowed it then: what it refuses is not fetched", "dim")
    for left in story.departures:
        if left.stage == chapter.stage:
            _row(text, "", departure(left), "yellow")
    if chapter.stage == "verdicts":
        for rule in rules:
            _row(text, "", f"  {rule.sentence()}", "yellow" if rule.drops else "dim")


def departure(left: Departure) -> str:
    """Why a document left, in a sentence."""
    if left.outcome == "quarantined":
        return f"quarantined: {left.rule}{f', {left.detail}' if left.detail else ''}"
    if left.kept or left.kept_url:
        instead = one_line(left.kept_url or left.kept or "", 2000)
        alike = f", similarity {left.value:.3g}" if left.value is not None else ""
        past = f" (threshold {left.threshold:g})" if left.threshold is not None else ""
        return f"{left.rule}: {instead} was kept in its place{alike}{past}"
    values = "" if left.value is None else f": value {left.value:g}"
    past = "" if left.threshold is None else f", threshold {left.threshold:g}"
    return f"dropped by {left.rule}{values}{past}"


def ending(story: Story) -> str:
    """Where it ended, in a sentence."""
    if story.left:
        return f"left at {story.left.stage}; {departure(story.left)}"
    if story.kept:
        return "in the corpus" + (
            f", though its address is {story.gone} since" if story.gone else ""
        )
    return "not in the corpus; the stages that decide have not been made yet"


def _facts(chapter: Chapter) -> str:
    facts = dict(chapter.facts)
    pieces: Any = facts.pop("pieces", None)
    told = [
        f"{name} {value_text(facts[name])}"
        for name in facts
        if name not in _SAID and facts[name] != []
    ]
    if pieces:
        spans = [f"row {p['row']} [{p['start']}:{p['stop']}]" for p in pieces[:_MOST_PIECES]]
        more = f", and {len(pieces) - _MOST_PIECES} more" if len(pieces) > _MOST_PIECES else ""
        told.append(f"{', '.join(spans)}{more}")
    place = f"{chapter.shard}:{chapter.row}" if chapter.row is not None else chapter.shard
    return f"{chapter.ref} {place}\n" + ", ".join(told)


def value_text(value: Any) -> str:
    """A fact on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return one_line(" ".join(map(str, value)))
    if isinstance(value, dict):
        return one_line(" ".join(f"{name}:{count}" for name, count in value.items())) or "none"
    return one_line(str(value), 400)


def _row(text: Text, name: str, told: str, style: str = "") -> None:
    first, *rest = told.split("\n")
    text.append(f"  {name:<{_INDENT}}", "bold")
    text.append(f"{first}\n", style)
    for line in rest:
        text.append(f"  {'':<{_INDENT}}{line}\n", style or "dim")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
