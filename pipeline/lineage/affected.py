"""Which versions a package, a rule or old code had a part in, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from pipeline.lineage.descent import below, in_order
from pipeline.lineage.errors import BadQuestion
from pipeline.lineage.index.index import Index
from schemas.artifact import ArtifactRef


class Affected(NamedTuple):
    """A version, and what it has to do with the question."""

    ref: ArtifactRef
    names: tuple[str, ...]
    why: str  # "tokenizers 0.23.3"; "" where it only follows from such a version


def by_package(index: Index, asked: str) -> dict[ArtifactRef, str]:
    """Versions whose key names a package in a version that is asked for, `tokenizers>=0.22`.

    Raises:
        BadQuestion: that is no package with bounds.
    """
    try:
        wanted = Requirement(asked)
    except InvalidRequirement as error:
        raise BadQuestion(asked, kind="package", like="tokenizers>=0.22") from error
    name, found = canonicalize_name(wanted.name), {}
    for ref, version in index.versions.items():
        used = version.packages.get(name)
        if used is not None and _within(wanted, used):
            found[ref] = f"{name} {used}"
    return found


def by_rule(index: Index, rule: str) -> dict[ArtifactRef, str]:
    """Versions that were made by a rule: that asked it, or that documents left by it.

    Raises:
        BadQuestion: no version knows a rule of that name.
    """
    found = {ref: f"rule {rule}" for ref, one in index.versions.items() if rule in one.rules}
    if not found:
        known = sorted({each for one in index.versions.values() for each in one.rules})
        raise BadQuestion(rule, kind="rule", like=", ".join(known) or "none: no version has rules")
    return found


def with_descendants(index: Index, found: dict[ArtifactRef, str]) -> list[Affected]:
    """These versions and all that follows from them, each after what it was made of."""
    every: Iterable[ArtifactRef] = found.keys() | below(index.versions, found)
    return [
        Affected(ref, index.names.get(ref, ()), found.get(ref, ""))
        for ref in in_order(index.versions, every)
    ]


def _within(wanted: Requirement, used: str) -> bool:
    try:
        return wanted.specifier.contains(used, prereleases=True)
    except InvalidVersion:  # "absent": the package was asked for, and was not installed
        return False
