"""What a question is about: the versions of a run, or a version with what belongs to it."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from flows.explore.catalogue import Catalogue, Catalogues
from flows.explore.errors import BadQuestion, NothingOf
from flows.terminal.plain_text import plain
from pipeline.lineage.ancestry import Ancestry, ancestry, of_refs
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index

_NAME = re.compile(r"([a-z0-9._]+)(?:/([a-z0-9][a-z0-9._-]*))?@([a-z0-9][a-z0-9._~-]*)")
_RUN = re.compile(r"run:([A-Za-z0-9][A-Za-z0-9._-]*)/(\d{1,10})")
_WAYS = "a run such as run:web/3, or a version such as corpus/web@latest or corpus@3f9c0a12b4de"
_LONGEST = 2000  # characters of an address that are shown


class Looked:
    """A store that is looked at: its catalogue, its index, and the versions that are asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._catalogues = Catalogues(store)
        self.turn = threading.Lock()  # the index's files are read by one thread at a time
        self._indexed: tuple[Catalogue, Index] | None = None
        self._together = lru_cache(maxsize=64)(self._ancestry)

    def catalogue(self) -> Catalogue:
        """What there is now."""
        return self._catalogues.newest()

    def index(self) -> Index:
        """The store's lineage index, up to date; only whoever has the `turn` may use it."""
        from pipeline.lineage.index.index import Index

        catalogue = self.catalogue()
        if self._indexed is None or self._indexed[0] is not catalogue:
            self._indexed = catalogue, Index.of(self.store)
        return self._indexed[1]

    def ref(self, text: str) -> ArtifactRef:
        """The version that a name means.

        Raises:
            BadQuestion: it is no name.
            MissingArtifact: there is no such version.
        """
        found = _NAME.fullmatch(text)
        catalogue = self.catalogue()
        if not found or found[1] not in catalogue.stages:
            raise BadQuestion("The version", text, known=_WAYS)
        ref = ArtifactRef(stage=found[1], key=found[3])
        return ref if ref in catalogue.versions else References(self.store).resolve(text)

    def manifest(self, text: str) -> Manifest:
        """The same, opened."""
        return self.store.open(self.ref(text))

    def versions(self, text: str) -> Ancestry:
        """The versions that belong together: those of a run, or of the runs of a version."""
        found = _RUN.fullmatch(text)
        if found:
            return self._together(self.catalogue(), found[1], int(found[2]))
        return self._together(self.catalogue(), self.ref(text), None)

    def part(self, text: str, stage: str) -> Manifest:
        """The version of a stage among them.

        Raises:
            NothingOf: there is none.
        """
        versions = self.versions(text)
        manifest = versions.get(stage)
        if manifest is None:
            raise NothingOf(f"version of {stage}", have=list(versions.versions))
        return manifest

    def _ancestry(
        self, catalogue: Catalogue, of: str | ArtifactRef, number: int | None
    ) -> Ancestry:
        if isinstance(of, ArtifactRef):
            heads = [self.store.open(of)]
            for run in catalogue.runs_of.get(of, ())[:20]:
                heads += [found for ref in run.refs() if (found := self.store.find(ref))]
            return ancestry(self.store, *heads)
        for run in catalogue.runs:
            if run.recipe == of and run.number == number:
                return of_refs(self.store, run.refs())
        raise BadQuestion("The run", f"{of}/{number}", known=_WAYS)


def address(url: str) -> dict[str, object]:
    """An address as the page shows it, and whether it may be a link."""
    shown = plain(url, _LONGEST)
    return {"url": shown, "link": shown == url and url.startswith(("http://", "https://"))}
