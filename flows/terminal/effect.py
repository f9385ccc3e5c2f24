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
    heads = ("now", "then", "change", "any now", "any then")
    rules = table("rule", *heads, right=heads)
    for rule in effect.rules:
        change = f"{rule.then - rule.now:+,}" if rule.then != rule.now else ""
        numbers = (rule.now, rule.then, change, rule.any_now, rule.any_then)
        rules.add_row(rule.rule, *(n if isinstance(n, str) else f"{n:,}" for n in numbers))
    yield rules
    moved = [each for each in effect.languages if each.now != each.then]
    if moved:
        heads = ("documents", "dropped now", "dropped then", "change")
        made = table("language", *heads, right=heads)
        for language in sorted(moved, key=lambda each: -abs(each.then - each.now))[:_MOST]:
            numbers = (language.documents, language.now, language.then)
            change = f"{language.then - language.now:+,}"
            name = one_line(language_name(language.language))
            made.add_row(name, *(f"{n:,}" for n in numbers), change)
        yield _with_more(made, len(moved))
    if effect.domains:
        made = table("domain", *(heads := ("newly dropped", "newly kept")), right=heads)
        for domain in effect.domains[:_MOST]:
            numbers = (domain.newly_dropped, domain.newly_kept)
            made.add_row(one_line(domain.domain) or "(no domain)", *(f"{n:,}" for n in numbers))
        yield _with_more(made, len(effect.domains))


def _with_more(made: Table, count: int) -> Table:
    if count > _MOST:
        made.add_row(f"and {count - _MOST:,} more (--json has all)")
    return made
