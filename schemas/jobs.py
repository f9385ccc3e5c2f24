"""Orders for jobs and what comes back: what a stage writes down and a job reads, in plain JSON."""

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from schemas.record import Record


class PretrainJob(Record):
    """One pretraining run. The same job on the same tokens gives the same model.

    Vocabulary and context are not here: they are the tokenizer's and the token rows'.
    """

    model: dict[str, JsonValue] = Field(default={"kind": "decoder"})
    steps: int = Field(default=480, gt=0)
    rows_per_step: int = Field(default=8, gt=0, description="over all workers together")
    peak_lr: float = Field(default=0.03, gt=0, description="AdamW: embeddings, head and norms")
    muon_lr: float = Field(default=0.01, gt=0, description="Muon: the matrices in between")
    warmup_share: float = Field(default=0.02, ge=0, le=1, description="of all steps")
    decay_share: float = Field(default=0.5, ge=0, le=1, description="of all steps, at the end")
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=1.0, gt=0, description="the longest gradient, as a norm")
    z_loss: float = Field(default=0.0, ge=0, description="weight of log(Z)^2, against drift")
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if self.warmup_share + self.decay_share > 1:
            msg = (
                f"warmup_share {self.warmup_share} and decay_share {self.decay_share} are more "
                f"than the whole run"
            )
            raise ValueError(msg)
        return self


class Resources(Record):
    """Where and how wide a job runs, and how often it is written down. In no version."""

    workers: int = Field(default=1, gt=0)
    gpu: bool = Field(default=False, description="one for every worker")
    threads: int = Field(default=0, ge=0, description="per worker; 0 shares out the cores")
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    tokens_at_once: int = Field(default=0, ge=0, description="per worker; 0 suits the device")
    checkpoint_every: int = Field(default=200, gt=0, description="steps")
    log_every: int = Field(default=10, gt=0, description="steps")
    collective_seconds: int = Field(default=120, gt=0, description="until a dead peer is noticed")
    address: str = Field(default="local", description="of Ray; `local` starts one of its own")
    stop_seconds: int = Field(default=20, gt=0, description="to leave a checkpoint when stopped")


class PretrainOrder(Record):
    """What `python -m ray_jobs.pretrain` reads. All paths are absolute."""

    job: PretrainJob
    resources: Resources = Resources()
    rows: tuple[str, ...] = Field(min_length=1, description="Parquet files of schemas.tokens.ROWS")
    tokenizer: str = Field(description="tokenizer.json")
    end: str = Field(default="<|end|>", description="the token behind every document")
    output: str = Field(description="folder for the exported model")
    run: str = Field(description="folder for checkpoints, metrics and the stop file")


class TrainResult(Record):
    """How a training run ended."""

    outcome: Literal["finished", "stopped"]
    step: int
    loss: float | None = Field(description="nats per token at the last step that was logged")
    tokens: int = Field(description="targets learnt from, in all")
    seconds: float = Field(description="in the loop, this time")
    tokens_per_second: float


class EvaluateOrder(Record):
    """What `python -m ray_jobs.evaluate` reads. All paths are absolute."""

    model: str = Field(description="folder of an exported model")
    rows: tuple[str, ...] = Field(min_length=1, description="the rows to score")
    row_map: tuple[str, ...] = Field(min_length=1, description="a map for each of those files")
    train_rows: tuple[str, ...] = Field(default=(), description="for the bigram model")
    prompts: tuple[str, ...] = Field(default=(), description="each is continued as a passage")
    passage_tokens: int = Field(default=120, gt=0)
    temperature: float = Field(default=0.8, ge=0)
    top_k: int = Field(default=50, gt=0)
    seed: int = Field(default=0, ge=0)
    resources: Resources = Resources()
    run: str = Field(description="folder for the log")


class GenerateOrder(Record):
    """What `python -m ray_jobs.generate` reads. All paths are absolute."""

    model: str = Field(description="folder of an exported model")
    prompt: str
    tokens: int = Field(default=120, gt=0)
    temperature: float = Field(default=0.8, ge=0, description="0 takes the likeliest token")
    top_k: int = Field(default=50, gt=0)
    seed: int = Field(default=0, ge=0)
    run: str = Field(description="folder for the log and the answer")


class Passage(Record):
    """A prompt and what a model made of it."""

    text: str


class Score(Record):
    """How well a model foretells some text."""

    tokens: int = Field(description="targets scored")
    bytes: int = Field(description="of the text that those targets spell")
    loss: float = Field(description="nats per token")
    perplexity: float
    bits_per_byte: float


class Scores(Record):
    """A model's figures on a benchmark, beside those of a bigram model on the same targets."""

    model: Score
    model_by_language: dict[str, Score]
    bigram: Score | None = None
    bigram_by_language: dict[str, Score] = Field(default_factory=dict)
    passages: tuple[str, ...] = ()
