"""A document as `sample` shows it."""

from __future__ import annotations

from rich.text import Text

from flows.private_text import redacted
from flows.terminal.plain_text import one_line, plain
from pipeline.lineage.pick import Picked

_TOLD = {  # what to say of a document, where the stage knows it
    "corpus": ("language", "split", "cluster_size", "characters"),
    "validation": ("language", "nearest", "characters"),
    "clusters": ("size",),
}


def sample_text(picked: Picked, stage: str, characters: int) -> Text:
    """URL, title, what the stage says, why it left, and the beginning of the text."""
    text = Text()
    text.append(f"{one_line(picked.place.url, 2000) or '(no URL)'}\n", "bold")
    if picked.title:
        text.append(f"{one_line(redacted(picked.title))}\n", "italic")
    text.append(f"{picked.place.doc_id.hex()}{_facts(picked, stage)}\n", "dim")
    if picked.left:
        text.append(f"{_reason(picked)}\n", "yellow")
    if picked.text is not None:
        text.append(f"{plain(picked.text, characters).strip()}\n")
    return text


def _facts(picked: Picked, stage: str) -> str:
    facts = picked.about.facts if picked.about else {}
    told = [f"{name} {facts[name]}" for name in _TOLD.get(stage, ()) if name in facts]
    return "".join(f", {one_line(each)}" for each in told)


def _reason(picked: Picked) -> str:
    left = picked.left or {}
    value = "" if left["value"] is None else f": value {left['value']:.4g}"
    past = "" if left["threshold"] is None else f", threshold {left['threshold']:.4g}"
    kept = f", {left['kept'].hex()} kept in its place" if left["kept"] else ""
    detail = f" ({one_line(left['detail'])})" if left["detail"] else ""
    return f"{left['outcome']} by {left['rule']}{value}{past}{kept}{detail}"
