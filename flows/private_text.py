"""Titles without private data, before they are shown; texts come to the commands redacted."""

from __future__ import annotations

import pyarrow as pa

from pipeline.lineage.story import Story
from pipeline.redact import redact
from pipeline.signals.families.private_data import SPAN, PrivateData

TITLE = "title"


def redacted(text: str) -> str:
    """A short text without private data."""
    spans = [
        dict(zip(SPAN.names, span, strict=True)) for span in PrivateData().spans(text.encode())
    ]
    return str(redact(pa.array([text]), pa.array([spans], pa.list_(SPAN)))[0].as_py())


def without_private_titles(story: Story) -> Story:
    """A story that can be shown: what its stages say of the title is redacted."""
    chapters = tuple(
        chapter.model_copy(
            update={"facts": chapter.facts | {TITLE: redacted(str(chapter.facts[TITLE]))}}
        )
        if chapter.facts.get(TITLE)
        else chapter
        for chapter in story.chapters
    )
    return story.model_copy(update={"chapters": chapters})
