"""Why a version has another key: how two keys' parts differ, in plain English."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard

from pipeline.versions.canonical import Json, canonical_json
from pipeline.versions.key import KeyParts

Kind: TypeAlias = Literal[
    "format", "stage", "window", "config", "input", "asset", "code", "package", "extra"
]
Change: TypeAlias = Literal["changed", "added", "removed"]

_LONGEST = 60  # characters of a value in a sentence


@dataclass(frozen=True)
class Difference:
    """One place where two keys' parts differ.

    Attributes:
        kind: which part.
        path: where in it: `rules[2].fewest`, `documents.text`, a definition, a package.
        change: whether the place is in both, only in the new, or only in the old parts.
        old: its value before, None where it was not there.
        new: its value now, None where it is gone.
    """

    kind: Kind
    path: str
    change: Change
    old: Json = None
    new: Json = None


def differences(old: KeyParts, new: KeyParts) -> list[Difference]:
    """Where the parts differ: what a person changed first, then what came of it."""
    return [
        *_at("format", "", old.format, new.format),
        *_at("stage", "", old.stage, new.stage),
        *_at("window", "", old.extra.get("window"), new.extra.get("window")),
        *_inside("config", "", old.config, new.config),
        *_inside("extra", "", _extra(old), _extra(new)),
        *_names("asset", old.assets, new.assets),
        *_names("code", old.code, new.code),
        *_names("package", old.packages, new.packages),
        *_names("input", _groups(old), _groups(new)),
    ]


def sentence(difference: Difference) -> str:
    """The difference in plain English: `config rules[0].fewest: 50 -> 60`."""
    path, change = difference.path, difference.change
    match difference.kind:
        case "extra" if path == "layout":
            return "documents lie otherwise in the shards"
        case "config" | "extra":
            return _config_sentence(difference)
        case "code":
            return f"code {change}: {path}"
        case "input":
            role, _, group = path.rpartition(".")
            ends = {"added": "is now read", "removed": "is no longer read"}
            return f"input {role}: column group {group} {ends.get(change, 'came out different')}"
        case "asset":
            ends = {"added": "is now used", "removed": "is no longer used"}
            return f"asset {path} {ends.get(change, 'has other content')}"
        case "package":
            return f"package {path}: {_arrow(difference, 'not used')}"
        case _:
            return f"{difference.kind}: {_arrow(difference, 'none')}"


def _config_sentence(difference: Difference) -> str:
    where = " ".join(filter(None, (difference.kind, difference.path)))
    value = difference.new if difference.change == "added" else difference.old
    if difference.change != "changed" and isinstance(value, Mapping) and "kind" in value:
        return f"{where}: {difference.change} {value['kind']}"
    return f"{where}: {_arrow(difference, 'default')}"


def _arrow(difference: Difference, absent: str) -> str:
    old = absent if difference.change == "added" else _shown(difference.old)
    new = absent if difference.change == "removed" else _shown(difference.new)
    return f"{old} -> {new}"


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return value if value and len(value) <= _LONGEST else json.dumps(value)[:_LONGEST]
    text = canonical_json(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _at(kind: Kind, path: str, old: Json, new: Json) -> Iterator[Difference]:
    if not _same(old, new):
        yield Difference(kind, path, "changed", old, new)


def _names(kind: Kind, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Difference]:
    """Differences of two dicts whose values are compared whole."""
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield Difference(kind, name, "added", None, new[name])
        elif name not in new:
            yield Difference(kind, name, "removed", old[name], None)
        else:
            yield from _at(kind, name, old[name], new[name])


def _extra(parts: KeyParts) -> dict[str, Json]:
    return {name: value for name, value in parts.extra.items() if name != "window"}


def _groups(parts: KeyParts) -> dict[str, Json]:
    return {
        f"{role}.{group}": digest
        for role, groups in parts.inputs.items()
        for group, digest in groups.items()
    }


def _inside(kind: Kind, path: str, old: Json, new: Json) -> Iterator[Difference]:
    """Differences of two JSON values, down to the smallest place that says it all."""
    if _same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _dicts(kind, path, old, new)
    elif _are_blocks(old) and _are_blocks(new):
        yield from _blocks(kind, path, old, new)
    else:
        yield Difference(kind, path, "changed", old, new)


def _dicts(
    kind: Kind, path: str, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        place = f"{path}.{name}" if path else name
        if name in old and name in new:
            yield from _inside(kind, place, old[name], new[name])
        else:
            yield from _names(kind, _only(old, name, place), _only(new, name, place))


def _only(values: Mapping[str, Json], name: str, place: str) -> dict[str, Json]:
    return {place: values[name]} if name in values else {}


def _are_blocks(value: Json) -> TypeGuard[Sequence[Mapping[str, Json]]]:
    """A list of configured blocks; those of a kind are compared with each other."""
    return isinstance(value, list | tuple) and all(
        isinstance(one, Mapping) and isinstance(one.get("kind"), str) for one in value
    )


def _blocks(
    kind: Kind, path: str, old: Sequence[Mapping[str, Json]], new: Sequence[Mapping[str, Json]]
) -> Iterator[Difference]:
    pairs = _aligned(old, new)
    for n, block in enumerate(old):
        if n not in pairs:
            yield Difference(kind, path, "removed", block, None)
    olds = {m: n for n, m in pairs.items()}
    for m, block in enumerate(new):
        if m in olds:
            yield from _inside(kind, f"{path}[{m}]", old[olds[m]], block)
        else:
            yield Difference(kind, path, "added", None, block)
    order = [pairs[n] for n in sorted(pairs)]
    if order != sorted(order):
        names = ([block["kind"] for block in blocks] for blocks in (old, new))
        yield Difference(kind, f"{path}, their order", "changed", *names)


def _aligned(
    old: Sequence[Mapping[str, Json]], new: Sequence[Mapping[str, Json]]
) -> dict[int, int]:
    """The place in `new` for each place in `old`: equal blocks first, then those of a kind."""
    pairs: dict[int, int] = {}
    for alike in (_same, lambda one, two: one["kind"] == two["kind"]):
        for n, block in enumerate(old):
            taken = pairs.values()
            free = (m for m, other in enumerate(new) if m not in taken and alike(block, other))
            if n not in pairs and (m := next(free, None)) is not None:
                pairs[n] = m
    return pairs


def _same(old: Json, new: Json) -> bool:
    return canonical_json(old) == canonical_json(new)
