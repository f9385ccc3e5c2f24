"""The key of a version: what was asked, as one hash over named parts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from pipeline.versions.canonical import Json, canonical_json


@dataclass(frozen=True)
class KeyParts:
    """All that decides what comes out, and nothing else.

    Attributes:
        format: the version of the written form; raised when this class changes its meaning.
        stage: the stage's name.
        config: the configuration, already without its defaults.
        inputs: role, then column group, then the digest of what is read.
        assets: name to the SHA-256 of the content: tokenizer, language model, block lists.
        code: definition to digest, from `CodeFingerprint.definitions`.
        packages: name to version, from `CodeFingerprint.versions()`.
        extra: what else decides, by name; `window` for a stage that observes the world.
    """

    format: int
    stage: str
    config: Json
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)

    def key(self) -> str:
        """64 hex digits.

        Raises:
            Unstable: a part holds a value without one stable form; names its path.
        """
        return _key_of(self._forms)

    def key_on(self, inputs: Mapping[str, Mapping[str, str]], extra: Mapping[str, Json]) -> str:
        """The key of the same on other inputs: what thousands of shards share is written once.

        Raises:
            Unstable: as `key` does.
        """
        return _key_of({**self._forms, **_forms({"inputs": inputs, "extra": extra})})

    @cached_property
    def _forms(self) -> dict[str, bytes]:
        return _forms(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The parts in full, as a manifest holds them."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> "KeyParts":
        """What `to_json` wrote; an unknown part is a TypeError."""
        return cls(**parts)


def _forms(parts: Mapping[str, Any]) -> dict[str, bytes]:
    """Each part as it stands in the canonical JSON of all."""
    return {name: canonical_json({name: value})[1:-1] for name, value in parts.items()}


def _key_of(forms: Mapping[str, bytes]) -> str:
    """The hash of the canonical JSON that is put together of these."""
    return hashlib.sha256(
        b"{" + b",".join(forms[name] for name in sorted(forms)) + b"}"
    ).hexdigest()
