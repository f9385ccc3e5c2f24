"""The code that a stage's result depends on: one digest per definition, and the packages it uses.

A comment, a docstring, a new layout of a file, an annotation, or a function that nobody reaches
changes nothing; a changed function, constant, base class or used default is named. See `reach`
for what is followed, and `syntax` for what a digest covers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.versions.packages import package_versions, table_versions
from pipeline.versions.reach import Reach
from pipeline.versions.sources import Sources

__all__ = ["Changes", "CodeFingerprint", "compare", "fingerprint", "package_versions"]


@dataclass(frozen=True)
class CodeFingerprint:
    """What a stage's code is.

    Attributes:
        definitions: `package.module:Class.method` to 16 hex digits of that definition alone,
            sorted by name.
        packages: the top-level import names of the third-party packages in use, sorted.
        tables: the tables of the standard library in use that change between Pythons, sorted.
    """

    definitions: dict[str, str]
    packages: tuple[str, ...]
    tables: tuple[str, ...]

    def versions(self) -> dict[str, str]:
        """The installed version of each package and table, as a key holds them."""
        return {**package_versions(self.packages), **table_versions(self.tables)}


@dataclass(frozen=True)
class Changes:
    """The names of the definitions in which two fingerprints differ, each list sorted."""

    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)


def fingerprint(
    entries: Sequence[str],
    roots: Mapping[str, Path],
    execution_only: Sequence[str] = (),
    read: Callable[[Path], bytes] = Path.read_bytes,
) -> CodeFingerprint:
    """Read the source files, never running them, and follow what the entries reach.

    A class brings all its methods, its bases and its plain assignments; an annotated field
    brings its default only where reached code mentions the field's name as an attribute. A
    method as an entry brings only itself and what it mentions.

    Args:
        entries: `package.module:QualName` of the stage and of its configured blocks.
        roots: the folder of each of our top-level packages, `{"pipeline": Path("pipeline")}`.
        execution_only: modules that change no result (store, retry, logging), with all below
            them: `("pipeline.storage",)`. Neither they nor what they use counts.
        read: gives the content of a source file, as it is now or as it was.

    Raises:
        UnknownDefinition: an entry, or a name imported from our packages, is not there.
        StarImport: a reached file imports `*`.
        UnreadableSource: a reached file is not Python.
    """
    return follow(entries, Sources(roots, read), execution_only)


def follow(
    entries: Sequence[str], sources: Sources, execution_only: Sequence[str]
) -> CodeFingerprint:
    """The same from sources that then know which modules were asked for."""
    reach = Reach(sources, execution_only)
    for entry in entries:
        reach.enter(entry)
    return CodeFingerprint(
        dict(sorted(reach.definitions.items())),
        tuple(sorted(reach.packages)),
        tuple(sorted(reach.tables)),
    )


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Which definitions changed, came and went between two `definitions`."""
    return Changes(
        tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
    )
