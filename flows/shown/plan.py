"""The plan of a run: what is taken as it is, what is made, and why."""

from __future__ import annotations

from collections.abc import Sequence

from flows.shown.markdown import paragraphs, table, words
from pipeline.run.plan import Planned

_TOLD = {"reused": "reused", "to make": "**to make**", "asks": "**asks first**", "unknown": "later"}
_HEADINGS = ("stage", "", "version", "shards", "rows", "why")


def plan_markdown(rows: Sequence[Planned]) -> str:
    """The plan, a line for each stage."""
    reasons = [_reasons(row) for row in rows if len(row.why) > 1]
    return paragraphs(table(_HEADINGS, map(_cells, rows), ("shards", "rows")), *reasons)


def plan_sentence(rows: Sequence[Planned]) -> str:
    """How much there is to make."""
    work = [row for row in rows if row.state != "reused"]
    if not work:
        return f"Nothing to make: all {len(rows)} stages are there."
    later = sum(row.state == "unknown" for row in work)
    known = f", {later} of them known only when an earlier one is there" if later else ""
    return f"{len(work)} of {len(rows)} stages to make{known}."


def _cells(row: Planned) -> tuple[str, ...]:
    return (
        words(row.stage),
        _TOLD[row.state],
        f"`{row.ref.key[:12]}`" if row.ref else "",
        _shards(row),
        "" if row.rows is None else f"{row.rows:,}",
        words(row.why[0] if row.why else "", 80),
    )


def _reasons(row: Planned) -> str:
    """Those that a cell has no room for."""
    return f"**{words(row.stage)}**\n\n" + "".join(f"- {words(why)}\n" for why in row.why)


def _shards(row: Planned) -> str:
    if row.state == "unknown" or not row.shards:
        return ""
    if row.state == "reused" or not row.shards_there:
        return f"{row.shards:,}"
    return f"{row.shards_to_make:,} of {row.shards:,}"
