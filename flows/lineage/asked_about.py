"""What a question about lineage is about: an address, a domain, a file, or a version."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flows.subject import is_recipe

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index
    from pipeline.sites import Subject
    from pipeline.store import Store
    from schemas.artifact import ArtifactRef


def opened(given: argparse.Namespace, store: Store | None = None) -> Index:
    """The index of the store that the command line names, up to date."""
    import sys

    from flows.options import store_of
    from pipeline.lineage.index.index import Index

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    rebuild = bool(getattr(given, "rebuild_index", False))
    return Index.of(store or store_of(given), rebuild=rebuild, say=say)


def place_of(text: str) -> Subject:
    """An address, a domain or a file that a person names."""
    from pipeline.crawl.canonical_url import canonical
    from pipeline.sites import Subject

    if "://" in text:
        return Subject.address(canonical(text) or text)
    return Subject.address(text) if "#" in text else Subject.domain(text)


def version_in(store: Store, text: str) -> ArtifactRef | None:
    """The version that a word names, or None where it is no name of a version.

    Raises:
        MissingArtifact: it reads like one, and there is none.
    """
    from pipeline.storage.references import References

    stage = text.partition("@")[0].partition("/")[0]
    if "://" in text or "#" in text or is_recipe(text):
        return None
    if "@" in text or _is_stage(store, stage):
        return References(store).resolve(text)
    return None


def _is_stage(store: Store, name: str) -> bool:
    return next(iter(store.files.entries(f"versions/{name}")), None) is not None if name else False
