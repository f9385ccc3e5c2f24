"""What a change of the policy comes to, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from flows.results.words import counted, language_name, short
from flows.terminal.plain_text import one_line, plain
from flows.terminal.tables import table
from flows.whatif.effect import Changed, Effect, Side

_MOST = 12  # languages, domains


def effect_text(effect: Effect) -> Text:
    """The changes, the sums, and some of the documents."""
    text = Text(f"{effect.verdicts}: {counted(effect.documents, 'document')} judged\n")
    for change in effect.changes or ("the rules are those of the version",):
        text.append(f"  {one_line(change, 400)}\n", "bold")
    lines = (
        ("dropped now", effect.now),
        ("dropped then", effect.then),
        ("newly dropped", effect.newly_dropped),
        ("newly kept", effect.newly_kept),
    )
    for name, side in lines:
        text.append(f"  {name:<14} {_side(side, effect.documents)}\n")
    for each in effect.examples:
        text.append(_example(each))
    return text


def _side(side: Side, of: int) -> str:
    share = f" ({side.documents / of:.2%})" if of else ""
    size = "" if side.characters is None else f", {short(side.characters)} characters"
    return f"{side.documents:>9,}{share}{size}"


def _example(each: Changed) -> Text:
    style = "yellow" if each.change == "newly dropped" else "green"
    value = "" if each.value is None else f": value {each.value:.4g}"
    past = "" if each.threshold is None else f", threshold {each.threshold:.4g}"
    by = "would be dropped by" if each.change == "newly dropped" else "was dropped by"
    text = Text(f"\n{each.change}", style)
    text.append(f"  {one_line(each.url, 2000) or '(no URL)'}\n", "bold")
    text.append(f"  {by} {one_line(each.rule)}{value}{past}\n", "dim")
    if each.title:
        text.append(f"  {one_line(each.title)}\n", "italic")
    if each.text:
        text.append(f"  {one_line(plain(each.text), 400)}\n")
    return text


def effect_tables(effect: Effect) -> Iterator[Table]:
    """By rule, by language and by domain; of the last two only where anything changes."""
    yield _rules(effect)
    if any(each.now != each.then for each in effect.languages):
        yield _languages(effect)
    if effect.domains:
        yield _domains(effect)


def _rules(effect: Effect) -> Table:
    heads = ("now", "then", "change", "any now", "any then")
    made = table("rule", *heads, right=heads)
    for each in effect.rules:
        change = _change(each.now, each.then)
        anyway = (f"{each.any_now:,}", f"{each.any_then:,}")
        made.add_row(one_line(each.rule), f"{each.now:,}", f"{each.then:,}", change, *anyway)
    return made


def _languages(effect: Effect) -> Table:
    heads = ("documents", "dropped now", "dropped then", "change")
    made = table("language", *heads, right=heads)
    moved = [each for each in effect.languages if each.now != each.then]
    moved.sort(key=lambda each: -abs(each.then - each.now))
    for each in moved[:_MOST]:
        numbers = (f"{n:,}" for n in (each.documents, each.now, each.then))
        name = one_line(language_name(each.language))
        made.add_row(name, *numbers, _change(each.now, each.then))
    return _with_more(made, len(moved))


def _domains(effect: Effect) -> Table:
    heads = ("newly dropped", "newly kept")
    made = table("domain", *heads, right=heads)
    for each in effect.domains[:_MOST]:
        name = one_line(each.domain) or "(no domain)"
        made.add_row(name, f"{each.newly_dropped:,}", f"{each.newly_kept:,}")
    return _with_more(made, len(effect.domains))


def _change(now: int, then: int) -> str:
    return f"{then - now:+,}" if then != now else ""


def _with_more(made: Table, count: int) -> Table:
    if count > _MOST:
        made.add_row(f"and {count - _MOST:,} more (--json has all)")
    return made
