"""A version among all that the store has: what it was made of, and what was made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pipeline.lineage.descent import above, below, in_order
from pipeline.lineage.index.index import Index
from schemas.artifact import ArtifactRef, Manifest

Side = Literal["up", "itself", "down"]


class Relative(NamedTuple):
    """One version of the family."""

    ref: ArtifactRef
    side: Side
    names: tuple[str, ...]
    window: str
    size: str  # "460 documents", or "gone" where its manifest cannot be found
    left: str  # "12 dropped", or ""
    inputs: dict[str, ArtifactRef]  # role -> version


class Family(NamedTuple):
    """Versions in an order in which each comes after what it was made of."""

    versions: tuple[Relative, ...]
    missing: tuple[ArtifactRef, ...]  # named as an input, and no longer in the store


def family(index: Index, heads: Iterable[ArtifactRef], *, up: bool, down: bool) -> Family:
    """All that some versions were made of, all that was made of them, or both.

    Args:
        index: of the store; the versions of every recipe in it count.
        heads: the versions that are asked about.
        up: back to the pages and their windows.
        down: forth to models and scores.
    """
    versions = index.versions
    sides: dict[ArtifactRef, Side] = {}
    begun = set(heads)
    if up:
        sides |= dict.fromkeys(above(versions, begun) & versions.keys(), "up")
    if down:
        sides |= dict.fromkeys(below(versions, begun), "down")
    sides |= dict.fromkeys(begun, "itself")
    found = tuple(_relative(index, ref, sides[ref]) for ref in in_order(versions, sides))
    named = {ref for one in found for ref in one.inputs.values()}
    return Family(found, tuple(sorted(named - versions.keys(), key=str)))


def _relative(index: Index, ref: ArtifactRef, side: Side) -> Relative:
    version, manifest = index.versions[ref], index.store.find(ref)
    return Relative(
        ref=ref,
        side=side,
        names=index.names.get(ref, ()),
        window=version.window,
        size=_size(manifest) if manifest else "gone",
        left=_left(manifest) if manifest else "",
        inputs=version.inputs,
    )


def _size(manifest: Manifest) -> str:
    """What a version holds: records, those of earlier windows among them, or files."""
    rows = {table: count for table, count in manifest.rows.items() if table != "ledger"}
    table = next((name for name in (manifest.stage, "rows") if name in rows), min(rows, default=""))
    if table:
        return f"{rows[table]:,} {table}"
    files = [name.removeprefix("file ") for name in manifest.digests if name.startswith("file ")]
    return files[0] if len(files) == 1 else f"{len(files)} files"


def _left(manifest: Manifest) -> str:
    return ", ".join(f"{rule} {count:,}" for rule, count in manifest.drops.items())


def mermaid(found: Family) -> str:
    """The family as a Mermaid flowchart."""
    numbers = {one.ref: f"v{n}" for n, one in enumerate(found.versions)}
    lines = ["flowchart TD"]
    for one in found.versions:
        told = "<br/>".join(_plain(each) for each in (str(one.ref), *one.names[:1], one.size))
        lines.append(f'    {numbers[one.ref]}["{told}"]')
    for one in found.versions:
        for source in dict.fromkeys(one.inputs.values()):
            if source in numbers:
                lines.append(f"    {numbers[source]} --> {numbers[one.ref]}")
    heads = [numbers[one.ref] for one in found.versions if one.side == "itself"]
    return "\n".join([*lines, *(f"    style {head} stroke-width:3px" for head in heads)])


def _plain(text: str) -> str:
    """Names are people's: nothing in them is Mermaid's."""
    return "".join(letter if letter.isalnum() or letter in " @./-_:,~" else "_" for letter in text)
