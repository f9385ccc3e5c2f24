"""From what a manifest says to the stage that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pipeline.crawl.stage import Pages
from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures
from pipeline.errors import BadRecipe
from pipeline.extract.stage import Documents
from pipeline.select.stage import Verdicts
from pipeline.shard.corpus import Corpus
from pipeline.shard.mixed_corpus import MixedCorpus
from pipeline.shard.mixture import Mixture
from pipeline.shard.tokenizer import Tokenizer
from pipeline.shard.tokens import TrainTokens, ValidationTokens
from pipeline.shard.validation import Validation
from pipeline.signals.quality_model import QualityModel
from pipeline.signals.stage import Signals
from pipeline.stage import Stage
from pipeline.versions.key import KeyParts
from ray_jobs.stages import Evaluate, Pretrain
from schemas.artifact import Manifest

_STAGES: Mapping[str, type[Stage]] = {
    "pages": Pages,
    "documents": Documents,
    "quality_model": QualityModel,
    "verdicts": Verdicts,
    "signatures": Signatures,
    "clusters": Clusters,
    "mixture": Mixture,
    "corpus": Corpus,
    "validation": Validation,
    "tokenizer": Tokenizer,
    "tokens": TrainTokens,
    "tokens.validation": ValidationTokens,
    "model": Pretrain,
    "scores": Evaluate,
}


def stage_of(parts: KeyParts) -> Stage:
    """The stage that a key's parts describe, as the code here understands them.

    Raises:
        BadRecipe: no stage is called so, or it no longer takes that configuration.
    """
    kind = _kind(parts)
    if kind is None:
        msg = f"No stage here is called {parts.stage!r}: use the code that made the version."
        raise BadRecipe(msg)
    config: Any = parts.config
    try:
        return kind.model_validate(config)
    except ValidationError as error:
        msg = (
            f"{parts.stage} no longer takes the configuration that the version was made with: "
            f"{error.errors()[0]['msg']}.\nUse the code that made it."
        )
        raise BadRecipe(msg) from error


def _kind(parts: KeyParts) -> type[Stage] | None:
    if parts.stage.startswith("signals."):
        return Signals
    if parts.stage == "corpus" and "mixture" in parts.inputs:
        return MixedCorpus
    return _STAGES.get(parts.stage)


def policy_of(verdicts: Manifest) -> Verdicts | None:
    """The rules of a version of verdicts, or None where the code here takes them no more."""
    try:
        stage = stage_of(KeyParts.from_json(verdicts.parts))
    except BadRecipe:
        return None
    return stage if isinstance(stage, Verdicts) else None
