"""The kinds of blocks that a recipe can name, and what is known about each block."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline.block import Block
from pipeline.crawl.source import Source
from pipeline.errors import BadRecipe
from pipeline.extract.extractor import Extractor
from pipeline.select.rule import Rule
from pipeline.signals.family import Family
from ray_jobs.models.model import Model

# What people call a kind -> its class.
KINDS: dict[str, type[Block]] = {
    "sources": Source,
    "extractors": Extractor,
    "families": Family,
    "rules": Rule,
    "models": Model,
}


class Setting(NamedTuple):
    """One field of a block."""

    name: str
    type: str
    default: str  # "" where it must be given
    bounds: str
    about: str


def blocks_of(kind: str) -> dict[str, type[Block]]:
    """Every block of a kind that has a file, by its name in recipes.

    Raises:
        BadRecipe: there is no such kind.
    """
    if kind not in KINDS:
        msg = f"There is no kind of block {kind!r}. There are {', '.join(KINDS)}."
        raise BadRecipe(msg)
    home = KINDS[kind]
    return {name: home.named(name) for name in home.known()}


def settings_of(block: type[Block]) -> list[Setting]:
    """The fields of a block, in the order of its file."""
    return [_setting(name, field) for name, field in block.model_fields.items()]


def first_line(block: type[Block]) -> str:
    """What it does, in a line."""
    return block.documentation().partition("\n")[0]


def _setting(name: str, field: FieldInfo) -> Setting:
    bounds = ", ".join(filter(None, map(_bound, field.metadata)))
    return Setting(
        name, _type_name(field.annotation), _default(field), bounds, field.description or ""
    )


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return ""
    if isinstance(value, Block):
        return repr(value.kind())
    return str(value) if isinstance(value, bool) else repr(value)


def _bound(constraint: Any) -> str:
    words = {
        "gt": "more than",
        "ge": "at least",
        "lt": "less than",
        "le": "at most",
        "min_length": "length at least",
        "max_length": "length at most",
        "multiple_of": "a multiple of",
        "pattern": "like",
    }
    found = [f"{word} {getattr(constraint, n)}" for n, word in words.items() if _has(constraint, n)]
    return ", ".join(found)


def _has(constraint: Any, name: str) -> bool:
    return getattr(constraint, name, None) is not None


def _type_name(annotation: Any) -> str:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation).replace("typing.", "").replace("NoneType", "None")
