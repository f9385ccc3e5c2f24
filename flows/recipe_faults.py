"""What is wrong with a recipe, in sentences: the place, the fault, and what was probably meant."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from flows.blocks import KINDS
from pipeline.errors import PipelineError, UnknownBlock
from schemas.record import Record

Place = tuple[int | str, ...]

# Fields that recipes once had, and what has come in their place.
_GONE = {"clusters.rows": "bands are read as `signatures.rows` made them"}


def sentence(fault: Any, content: Mapping[str, Any], recipe: type[Record]) -> str:
    """One fault that validation found.

    Args:
        fault: of `ValidationError.errors()`.
        content: the recipe in plain values.
        recipe: what it was read as.
    """
    place = ".".join(str(step) for step in fault["loc"]) or "the recipe"
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, PipelineError):
        return f"{place}: {cause}"
    if place in _GONE:
        return f"{place} is no field any more. Take it out: {_GONE[place]}."
    if fault["type"] == "extra_forbidden":
        known = known_fields(fault["loc"][:-1], content, recipe)
        near = difflib.get_close_matches(str(fault["loc"][-1]), known, 1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        have = f" Known are {', '.join(known)}." if known else ""
        return f"{place} is no field.{guess}{have}"
    if fault["type"] == "missing":
        return f"{place} is missing."
    got = json.dumps(fault["input"], default=str)
    return f"{place}: {fault['msg'].removeprefix('Value error, ')} (got {got[:80]})"


def known_fields(place: Place, content: Any, recipe: type[Record]) -> list[str]:
    """The fields at a place of the recipe: of the section, or of the block that stands there."""
    model: Any = recipe
    for step in place:
        field = getattr(model, "model_fields", {}).get(step)
        model = _there(field.annotation) if field else None
        content = _inside(content, step)
    if isinstance(content, Mapping) and "kind" in content:
        model = _block(content["kind"])
    return sorted(getattr(model, "model_fields", {}))


def _there(annotation: Any) -> Any:
    """What a section is where it is there: `Mixture` of `Mixture | None`."""
    some = [each for each in get_args(annotation) if each is not type(None)]
    return some[0] if len(some) == 1 and type(None) in get_args(annotation) else annotation


def _inside(content: Any, step: int | str) -> Any:
    if isinstance(content, Mapping):
        return content.get(step)
    if isinstance(content, Sequence) and isinstance(step, int) and step < len(content):
        return content[step]
    return None


def _block(kind: str) -> type[Record] | None:
    for home in KINDS.values():
        try:
            return home.named(kind)
        except UnknownBlock:
            continue
    return None
