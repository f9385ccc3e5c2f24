"""Where and how fast a run goes. Written down with it, and never part of a version."""

from typing import Literal

from pydantic import Field

from schemas.record import Record


class Runtime(Record):
    """What decides only where and how fast; change any of it and every version stays."""

    store: str = Field(default="store", description="folder or URI of the store")
    accept_weak_store: bool = Field(
        default=False,
        description="found a store where two writers can both create one file, or listings are "
        "late: never let two runs work in it at once",
    )
    runner: Literal["process", "pool", "ray"] = Field(
        default="pool", description="this process, a pool of local processes, or Ray"
    )
    workers: int = Field(default=2, ge=1, le=4096, description="units made at once")
    shard_documents: int = Field(
        default=20_000, ge=1, description="documents in a shard of a snapshot, at most"
    )
    retries: int = Field(default=2, ge=0, le=100, description="more tries of a unit that failed")
    ray_address: str = Field(
        default="local", description="of the runner `ray`; `local` starts a Ray of its own"
    )
    train_address: str = Field(
        default="local",
        description="of the Ray cluster that trains; `local` starts a Ray of its own",
    )
    train_workers: int = Field(default=1, ge=1, description="ranks of a training job")
    train_gpus: int = Field(default=0, ge=0, description="GPUs of each rank")
    stop_seconds: int = Field(
        default=20,
        ge=1,
        le=3600,
        description="that a job which is stopped has to leave its checkpoint; Prefect gives a "
        "cancelled run 30 in all, and a job that has more goes on alone meanwhile",
    )
    train_threads: int = Field(
        default=0, ge=0, description="CPU threads of a rank; 0: all there are"
    )
