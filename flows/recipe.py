"""A recipe: everything that decides what a corpus and a model are, in one file of a few lines.

Its sections are called as the stages are, by what they make.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializeAsAny, ValidationError, model_validator
from pydantic.functional_validators import BeforeValidator

from flows.door.costs import Cost
from flows.door.schedule import Schedule
from pipeline.crawl.stage import Pages
from pipeline.dedup.clusters import Clusters
from pipeline.dedup.shingling import Shingling
from pipeline.dedup.signatures import Signatures
from pipeline.errors import BadRecipe, WrongFormat
from pipeline.extract.stage import Documents
from pipeline.select.stage import Verdicts
from pipeline.shard.corpus import Corpus
from pipeline.shard.mixed_corpus import MixedCorpus
from pipeline.shard.mixture import Mixture
from pipeline.shard.tokenizer import Tokenizer
from pipeline.shard.tokens import Packing, TrainTokens, ValidationTokens
from pipeline.shard.validation import Validation
from pipeline.signals.family import Family
from pipeline.signals.quality_model import QualityModel
from pipeline.signals.stage import Signals
from ray_jobs.stages import Evaluate, Pretrain, Scoring
from schemas.record import Record
from schemas.runtime import Runtime

FORMAT = 1
NEEDED_FAMILIES = ("language", "private_data")  # the corpus is redacted and knows its languages


class SignalFamilies(Record):
    """The families of signals to measure, each a version of its own."""

    families: tuple[Annotated[SerializeAsAny[Family], BeforeValidator(Family.parse)], ...] = Field(
        default_factory=lambda: tuple(
            Family.parse(kind) for kind in ("language", "words", "repetition", "private_data")
        )
    )


class Gates(Record):
    """What a new corpus has to pass before `@latest` moves to it."""

    most_lost_share: float = Field(
        default=0.2, ge=0, le=1, description="of the documents that the last version had"
    )
    fewest_documents: int = Field(default=1, ge=0)


class Recipe(Record):
    """From pages to scores. A section that is left out has its defaults: see `penstock blocks`."""

    format: int = Field(default=FORMAT, description="of recipes; a later one reads differently")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="of the corpus")
    description: str = ""
    pages: Pages
    documents: Documents = Documents()
    quality_model: QualityModel | None = Field(
        default=None, description="what the family `quality` learns from: good and bad texts"
    )
    signals: SignalFamilies = SignalFamilies()
    verdicts: Verdicts = Verdicts()
    signatures: Signatures = Signatures()
    clusters: Clusters = Clusters()
    mixture: Mixture | None = Field(
        default=None, description="how much of each language and source stays; all, without it"
    )
    corpus: Corpus = Corpus()
    validation: Validation = Validation()
    tokenizer: Tokenizer = Tokenizer()
    tokens: Packing = Packing()
    model: Pretrain = Pretrain()
    scores: Scoring = Scoring()
    gates: Gates = Gates()
    schedule: Schedule | None = Field(
        default=None, description="when `penstock serve` refreshes the corpus by itself"
    )
    cost: Cost = Cost()
    drift: Literal["ask", "rerun", "reuse"] = Field(
        default="ask",
        description="when only code or packages of an expensive stage changed: stop and ask, "
        "run it again, or keep what is there",
    )
    runtime: Runtime = Runtime()

    @model_validator(mode="after")
    def _families_suffice(self) -> Self:
        have = {family.kind() for family in self.signals.families}
        wanted = {*NEEDED_FAMILIES, *self.verdicts.signals_read()}
        for family in sorted(wanted - have):
            who = "the corpus needs it" if family in NEEDED_FAMILIES else "a rule reads it"
            msg = f"signals.families lacks {family!r}, but {who}: add it."
            raise ValueError(msg)
        if "quality" in have and self.quality_model is None:
            msg = (
                "the family quality learns from examples: give [quality_model] good and bad files."
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _clusters_read_signatures(self) -> Self:
        for field in Shingling._fields:
            signed, read = getattr(self.signatures, field), getattr(self.clusters, field)
            if signed != read:
                msg = (
                    f"signatures.{field} is {signed}, but clusters.{field} is {read}: a signature "
                    f"is read as it was made. Give both the same."
                )
                raise ValueError(msg)
        return self

    def family_stages(self) -> dict[str, Signals]:
        """Family name -> the stage that measures it."""
        return {family.kind(): Signals(family=family) for family in self.signals.families}

    def corpus_stage(self) -> Corpus:
        """The stage that writes the documents that stay: of the clusters, or of the mixture."""
        return MixedCorpus(split=self.corpus.split) if self.mixture else self.corpus

    def train_tokens(self) -> TrainTokens:
        """The stage that packs the training documents."""
        return TrainTokens(packing=self.tokens)

    def validation_tokens(self) -> ValidationTokens:
        """The stage that packs the pinned validation documents."""
        return ValidationTokens(packing=self.tokens)

    def evaluation(self) -> Evaluate:
        """The stage that scores the model."""
        return Evaluate(passages=self.scores.passages, model=str(self.model.model["kind"]))


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file; its name is the file's where it gives none.

    Raises:
        BadRecipe: the file cannot be read, or says something that cannot be meant; every fault is
            named with its place.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(str(p) for p in path.parent.glob("*.toml"))[:5])
        also = f" There is {known}." if known else ""
        msg = (
            f"There is no recipe {path}.{also}\n"
            f"`penstock init URL` writes a first one for your own pages."
        )
        raise BadRecipe(msg) from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or more than Python reads
        msg = f"{path} is not TOML: {error}"
        raise BadRecipe(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BadRecipe(msg) from error
    return parse_recipe({"name": path.stem, **content}, str(path))


def parse_recipe(content: dict[str, Any], where: str) -> Recipe:
    """The recipe in plain values.

    Raises:
        WrongFormat: it was written for another version of recipes.
        BadRecipe: it says something that cannot be meant.
    """
    if content.get("format", FORMAT) != FORMAT:
        raise WrongFormat(f"The recipe {where}", found=content["format"], known=FORMAT)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        from flows.recipe_faults import sentence

        faults = "\n".join(f"  {sentence(each, content, Recipe)}" for each in error.errors())
        msg = f"{where} cannot be used:\n{faults}"
        raise BadRecipe(msg) from error


def recipe_schema() -> dict[str, Any]:
    """The JSON Schema of recipes, for editors: blocks by kind, with their documentation."""
    from flows.recipe_schema import with_blocks

    return with_blocks(Recipe.model_json_schema(mode="validation"))
