"""Names for people: `corpus/web@2026-11-21.1`, `@latest`, `@prod`, kept as append-only logs."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pipeline.errors import MissingArtifact, StoreError
from pipeline.storage.log import Log
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from schemas.run import Reference

LATEST = "latest"
PINNED = "pinned"  # what a refresh keeps: a tokenizer, a validation set
_LABEL = re.compile(r"\d{4}-\d{2}-\d{2}\.\d+")
_HEX = re.compile(r"[0-9a-f]{6,64}(~\d+)?")


class References:
    """The names in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def versions(self, stage: str, name: str) -> Log[Reference]:
        """Every version that a recipe has had of a stage."""
        return Log(self._store.files, f"refs/versions/{stage}/{name}", Reference)

    def tag(self, stage: str, name: str, tag: str) -> Log[Reference]:
        """Where a moving name has pointed to."""
        return Log(self._store.files, f"refs/tags/{stage}/{name}/{tag}", Reference)

    def record(self, name: str, ref: ArtifactRef, *, who: str, why: str) -> str:
        """Give a version its dated label, or return the one it has."""
        found = self.label(name, ref)
        if found:
            return found
        log = self.versions(ref.stage, name)

        def labelled(_: int) -> Reference:  # called again where somebody else was first
            today = f"{datetime.now(UTC):%Y-%m-%d}"
            earlier = sum(log.get(number).label.startswith(today) for number in log.numbers())
            label = f"{today}.{earlier + 1}"
            return Reference(label=label, ref=ref, who=who, why=why, when=_now())

        return log.append(labelled)[1].label

    def label(self, name: str, ref: ArtifactRef) -> str:
        """The dated label by which a recipe knows a version; "" where it has none."""
        log = self.versions(ref.stage, name)
        labelled = (log.get(number) for number in reversed(log.numbers()))
        return next((each.label for each in labelled if each.ref == ref), "")

    def move(self, name: str, tag: str, ref: ArtifactRef, *, who: str, why: str) -> None:
        """Point `@tag` to a version; nothing is written where it points there already."""
        log = self.tag(ref.stage, name, tag)
        newest = log.newest()
        if newest is None or newest[1].ref != ref:
            log.append(lambda _: Reference(label=tag, ref=ref, who=who, why=why, when=_now()))

    def rollback(self, stage: str, name: str, tag: str, *, who: str, why: str) -> Reference:
        """Point `@tag` back to the version that it named before the present one."""
        log = self.tag(stage, name, tag)
        history = [log.get(number).ref for number in log.numbers()]
        before = [ref for ref in history if ref != history[-1]]
        if not before:
            msg = f"{stage}/{name}@{tag} has named no other version before, so it cannot go back."
            raise StoreError(msg)
        self.move(name, tag, before[-1], who=who, why=why)
        return Reference(label=tag, ref=before[-1], who=who, why=why, when=_now())

    def pinned(self, name: str, stage: str) -> ArtifactRef | None:
        """The version that a recipe's refreshes keep of a stage."""
        newest = self.tag(stage, name, PINNED).newest()
        return newest[1].ref if newest else None

    def resolve(self, text: str, *, recipe: str | None = None) -> ArtifactRef:
        """The version that a name means.

        Args:
            text: `corpus/web@latest`, `corpus/web@2026-11-21.1`, `corpus@3f9c0a12b4de`,
                `corpus/web` (its latest), or `corpus` alone with the recipe in `recipe`.
            recipe: the name to take where `text` gives none.

        Raises:
            MissingArtifact: no such version is there.
        """
        self._check_name(text)
        left, _, right = text.partition("@")
        stage, _, name = left.partition("/")
        if right and _HEX.fullmatch(right):
            return self._by_key(stage, right, text)
        name = name or recipe or self._only_name(stage, text)
        if right and not _LABEL.fullmatch(right):
            newest = self.tag(stage, name, right).newest()
            if newest:
                return newest[1].ref
            raise MissingArtifact(text, where=self._store.uri, known=self._known(stage))
        log = self.versions(stage, name)
        if not right:
            newest = self.tag(stage, name, LATEST).newest() or log.newest()
            if newest:
                return newest[1].ref
        for number in reversed(log.numbers()):
            found = log.get(number)
            if found.label == right:
                return found.ref
        raise MissingArtifact(text, where=self._store.uri, known=self._known(stage))

    def _check_name(self, text: str) -> None:
        if not text.isprintable():  # no file has such a name
            raise MissingArtifact(repr(text), where=self._store.uri)

    def _by_key(self, stage: str, key: str, text: str) -> ArtifactRef:
        paths = [entry.path for entry in self._store.files.entries(f"versions/{stage}")]
        keys = [path.rpartition("/")[2].removesuffix(".json") for path in paths]
        start, _, revision = key.partition("~")
        found = [each for each in keys if each.startswith(start)]
        plain = [each for each in found if each.partition("~")[2] == revision] or found
        if len(plain) == 1:
            return ArtifactRef(stage=stage, key=plain[0])
        if plain:
            msg = f"{text} means {len(plain)} versions: {', '.join(k[:16] for k in plain)}."
            raise StoreError(msg)
        raise MissingArtifact(text, where=self._store.uri, known=self._known(stage))

    def _only_name(self, stage: str, text: str) -> str:
        names = self.names(stage)
        if len(names) == 1:
            return names[0]
        if names:
            msg = f"{text} could be any of {', '.join(f'{stage}/{n}' for n in names)}: say which."
            raise StoreError(msg)
        raise MissingArtifact(text, where=self._store.uri, known=self._known(stage))

    def names(self, stage: str) -> list[str]:
        """The recipes that have made the stage."""
        folder = f"refs/versions/{stage}"
        paths = (entry.path for entry in self._store.files.entries(folder))
        return sorted({path.removeprefix(f"{folder}/").rpartition("/")[0] for path in paths})

    def _known(self, stage: str) -> list[str]:
        """What there is of a stage; where that is nothing, what stages there are."""
        return self._labels(stage) or sorted(
            {entry.path.split("/")[1] for entry in self._store.files.entries("versions")}
        )

    def _labels(self, stage: str) -> list[str]:
        return [
            f"{stage}/{name}@{self.versions(stage, name).get(number).label}"
            for name in self.names(stage)
            for number in self.versions(stage, name).numbers()[-3:]
        ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
