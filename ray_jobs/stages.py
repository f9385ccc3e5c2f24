"""The stages that are jobs: a trained model, and its scores. Here without Ray and Torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from pipeline.block import Block
from pipeline.errors import Interrupted
from pipeline.stage import EVERY_SHARD, Reads, Stage, Unit
from ray_jobs import launch
from ray_jobs.errors import JobStopped
from ray_jobs.models.model import Model
from schemas.artifact import Exactness, Manifest
from schemas.jobs import EvaluateOrder, PretrainJob, PretrainOrder, Resources
from schemas.record import Record

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.work import Work
    from schemas.runtime import Runtime

TOKENIZER = "tokenizer.json"
MODEL_FILES = ("model.safetensors", "config.json", "generation_config.json", TOKENIZER)
METRICS = "metrics.jsonl"
SCORES = "scores.json"
ROWS = {"rows": ("ids", "starts", "used")}
ROW_MAP = {"row_map": ("piece", "row", "start", "stop", "text_bytes", "language")}


class Job(Stage):
    """A stage that is one job, committed whole."""

    exactness: ClassVar[Exactness] = Exactness.TOLERANCE

    def tables(self) -> dict[str, pa.Schema]:
        """None: a job makes files."""
        return {}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One, which reads everything."""
        every = {role: tuple(s.name for s in manifest.shards) for role, manifest in inputs.items()}
        return [Unit(open=True, inputs=every)]


class Pretrain(PretrainJob, Job):
    """A model, trained by Ray Train to foretell the next token of packed rows.

    The same configuration on the same tokens gives the same bits on the same hardware and number
    of workers, and the same curve within rounding on another.
    """

    expensive: ClassVar[bool] = True

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Check the settings now, not on the GPU; what is kept has no defaults."""
        return dict(Model.parse(value).model_dump(mode="json", exclude_defaults=True))

    def name(self) -> str:
        """`model`."""
        return "model"

    def blocks(self) -> tuple[Block, ...]:
        """The model's settings."""
        return (Model.parse(self.model),)

    def code(self) -> tuple[str, ...]:
        """What runs in the job."""
        return ("ray_jobs.pretrain:work", Model.parse(self.model).network)

    def reads(self) -> dict[str, Reads]:
        """Packed rows, and the tokenizer that made them."""
        return {"tokens": Reads(columns=ROWS), "tokenizer": Reads(files=(TOKENIZER,))}

    def make(self, work: Work) -> None:
        """Run the job; a run that was stopped goes on from its checkpoint."""
        output = work.scratch / "model"
        job = {name: getattr(self, name) for name in PretrainJob.model_fields}
        order = PretrainOrder(
            job=PretrainJob.model_validate(job),
            resources=resources(work.runtime),
            rows=tuple(str(path) for path in work.local_tables("tokens", "rows")),
            tokenizer=str(work.local_file("tokenizer", TOKENIZER)),
            output=str(output),
            run=str(work.durable),
        )
        try:
            launch.pretrain(order, progress=lambda line: work.progress(line["step"], self.steps))
        except JobStopped as error:
            raise Interrupted(str(error)) from error
        for name in MODEL_FILES:
            work.add_file(name, output / name, shard=EVERY_SHARD)
        work.add_file(METRICS, (work.durable / METRICS).read_bytes(), shard=EVERY_SHARD)


class Sampling(Record):
    """How a passage is drawn from a model."""

    prompts: tuple[str, ...] = ("The ",)
    tokens: int = Field(default=120, gt=0)
    temperature: float = Field(default=0.8, ge=0)
    top_k: int = Field(default=50, gt=0)
    seed: int = Field(default=0, ge=0)


class Scoring(Record):
    """What is told of a model beside its figures."""

    passages: Sampling = Sampling()


class Evaluate(Scoring, Job):
    """A model's loss, perplexity and bits per byte, by language, beside a bigram model's.

    The bigram model is interpolated Kneser-Ney on the same ids and the same split: what a model
    has to beat before its loss means anything.
    """

    model: str = Field(default="decoder", description="the kind whose network is scored")

    def name(self) -> str:
        """`scores`."""
        return "scores"

    def code(self) -> tuple[str, ...]:
        """What runs in the job: also the network, which the job finds by the model's settings.

        Of the settings' class only what the network uses, since their values are the model's.
        """
        settings = Model.named(self.model)
        used = f"{settings.__module__}:{settings.__qualname__}.network"
        return ("ray_jobs.evaluate:evaluate", settings.network, used)

    def reads(self) -> dict[str, Reads]:
        """The model, the rows it learnt from (for the bigram model), and those held out."""
        return {
            "model": Reads(files=MODEL_FILES),
            "tokens": Reads(columns=ROWS),
            "validation_tokens": Reads(columns=ROWS | ROW_MAP),
        }

    def make(self, work: Work) -> None:
        """Run the job."""
        folder = work.scratch / "model"
        folder.mkdir()
        for name in MODEL_FILES:
            (folder / name).symlink_to(work.local_file("model", name))
        held_out = "validation_tokens"
        order = EvaluateOrder(
            model=str(folder),
            rows=tuple(str(path) for path in work.local_tables(held_out, "rows")),
            row_map=tuple(str(path) for path in work.local_tables(held_out, "row_map")),
            train_rows=tuple(str(path) for path in work.local_tables("tokens", "rows")),
            prompts=self.passages.prompts,
            passage_tokens=self.passages.tokens,
            temperature=self.passages.temperature,
            top_k=self.passages.top_k,
            seed=self.passages.seed,
            resources=resources(work.runtime),
            run=str(work.durable),
        )
        scores = launch.evaluate(order)
        work.add_file(SCORES, scores.model_dump_json(indent=2).encode(), shard=EVERY_SHARD)


def resources(runtime: Runtime) -> Resources:
    """Where and how wide a job runs."""
    return Resources(
        workers=runtime.train_workers,
        gpu=runtime.train_gpus > 0,
        threads=runtime.train_threads,
        address=runtime.train_address,
        stop_seconds=runtime.stop_seconds,
    )
