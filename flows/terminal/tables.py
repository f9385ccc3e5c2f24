"""Comparisons and lists as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from flows.terminal.plain_text import one_line
from pipeline.lineage.compare import Comparison, Cost, Drops

_SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "gone": ("-", "red")}


def table(*headings: str, right: Iterable[str] = ()) -> Table:
    """A table without lines; the columns in `right` hold numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return made


def differences_text(found: Comparison, most: int) -> Text:
    """The counts, and at most so many URLs of each kind."""
    counts = ", ".join(f"{found.count(change):,} {change}" for change in _SIGNS)
    text = Text(f"{found.before.ref} -> {found.after.ref}\n")
    text.append(f"{counts}, {found.unchanged:,} unchanged\n", "bold")
    for change, (sign, style) in _SIGNS.items():
        these = [each for each in found.documents if each.change == change]
        for each in these[:most]:
            why = f"  ({each.why})" if each.why else ""
            text.append(f"  {sign} {one_line(each.url, 2000)}{why}\n", style)
        if len(these) > most:
            text.append(f"  {sign} and {len(these) - most:,} more (--most {len(these)})\n", style)
    if found.before.digests == found.after.digests:
        text.append("What came out is equal, digest by digest.\n")
    return text


def drops_table(drops: Iterable[Drops]) -> Table:
    """Drops by rule in both versions."""
    made = table("left at", "by", "before", "after", "", right=("before", "after"))
    for each in drops:
        change = each.after - each.before
        told = f"{change:+,}" if change else ""
        made.add_row(each.stage, each.rule, f"{each.before:,}", f"{each.after:,}", told)
    return made


def cost_table(costs: Iterable[Cost]) -> Table:
    """What each stage of the newer version cost beyond the older one."""
    numbers = ("shards made", "of", "seconds", "CPU seconds")
    made = table("stage", "version", *numbers, right=numbers)
    for each in costs:
        same = each.before == each.after
        seconds = (
            ("", "")
            if not each.shards_made
            else (
                f"{each.wall_seconds:.1f}",
                f"{each.cpu_seconds:.1f}",
            )
        )
        key = "the same" if same else each.after[:12]
        made.add_row(each.stage, key, f"{each.shards_made:,}", f"{each.shards:,}", *seconds)
    return made
