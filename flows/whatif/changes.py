"""Changing a policy by a few words of the command line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from flows.recipe_faults import sentence
from flows.whatif.errors import BadChange, ManyRules, NoSuchRule
from pipeline.errors import BadRecipe
from pipeline.select.stage import Verdicts

_PLACE = re.compile(r"(?:verdicts\.)?rules\[(\d{1,4})\]")

Rules = list[dict[str, Any]]


def changed(
    policy: Verdicts,
    changes: Sequence[str] = (),
    *,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> Verdicts:
    """The policy with some thresholds changed, some rules added at its end, some taken out.

    Args:
        policy: what there is; rules are counted in it as they stand there.
        changes: `rules[3].most_5=0.4`, or `duplicate_ngrams.most_5=0.4` where there is one such
            rule; `word_count.fewest_by_language.ko=30` changes one key of a table. Values are as
            in a recipe.
        added: rules as a recipe has them: `lorem_ipsum`, `{ kind = "word_count", fewest = 9 }`.
        removed: `rules[3]`, or `duplicate_ngrams`.

    Raises:
        BadChange: one of them cannot be meant.
        BadRecipe: a rule does not take a value; the sentence says why.
    """
    rules: Rules = [rule.model_dump(mode="python") for rule in policy.rules]
    for text in changes:
        _change(rules, text)
    gone = {_rule(rules, text, text)[0] for text in removed}
    left = [rule for n, rule in enumerate(rules) if n not in gone]
    return _checked([*left, *(_added(text) for text in added)])


def _change(rules: Rules, text: str) -> None:
    place, equals, value = text.partition("=")
    if not equals:
        raise BadChange(text)
    number, path = _rule(rules, place.strip(), text)
    if not path:
        raise BadChange(text, "names no field of the rule")
    inside = rules[number]
    for key in path[:-1]:
        below = inside.get(key)
        if not isinstance(below, dict):
            raise BadChange(text, f"looks for a key inside of {key!r}, which holds none")
        inside[key] = dict(below)
        inside = inside[key]
    inside[path[-1]] = _value(value)


def _rule(rules: Rules, place: str, text: str) -> tuple[int, list[str]]:
    """The number of the rule that a place names, and the path behind it."""
    kinds = [str(rule["kind"]) for rule in rules]
    found = _PLACE.match(place)
    if found:
        number, rest = int(found[1]), place[found.end() :]
        if number >= len(rules):
            raise NoSuchRule(text, place, kinds=kinds)
        return number, [key for key in rest.split(".") if key]
    numbers = [n for n, kind in enumerate(kinds) if f"{place}.".startswith(f"{kind}.")]
    if not numbers:
        raise NoSuchRule(text, place.partition(".")[0], kinds=kinds)
    if len(numbers) > 1:
        raise ManyRules(text, places=numbers)
    rest = place[len(kinds[numbers[0]]) :]
    return numbers[0], [key for key in rest.split(".") if key]


def _value(text: str) -> Any:
    """A value as TOML has it; a word without quotes is itself."""
    try:
        read = tomllib.loads(f"value = {text.strip()}")
    except tomllib.TOMLDecodeError:
        return text.strip()
    return read["value"] if len(read) == 1 else text.strip()


def _added(text: str) -> dict[str, Any]:
    value = _value(text)
    return value if isinstance(value, dict) else {"kind": str(value)}


def _checked(rules: Rules) -> Verdicts:
    content = {"rules": rules}
    try:
        return Verdicts.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(f"  {sentence(each, content, Verdicts)}" for each in error.errors())
        msg = f"The policy cannot be changed so:\n{faults}"
        raise BadRecipe(msg) from error
