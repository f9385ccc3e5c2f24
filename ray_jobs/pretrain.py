"""Ray Train around the training loop: `python -m ray_jobs.pretrain ORDER.json`.

Ray starts the workers, joins them to one process group and starts them again after a failure; the
loop finds its own checkpoints. Nothing is reported to Ray, which would wait for its controller's
polls: metrics go to the run folder. All workers need that folder, the rows and the output under
the same absolute paths; on a cluster of several machines that is seen to before anything begins.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ray
from ray.train import FailureConfig, RunConfig, ScalingConfig, get_context
from ray.train.torch import TorchConfig, TorchTrainer, get_device

from pipeline.errors import PipelineError
from ray_jobs.checkpoint import write_synced
from ray_jobs.cluster import check_shared, join_cluster
from ray_jobs.environment import Environment
from ray_jobs.errors import JobFailed, JobRefused, TooFewResources
from ray_jobs.export import export, vocabulary_size
from ray_jobs.job_process import run_job
from ray_jobs.models.model import Model
from ray_jobs.own_ray import start_ray
from ray_jobs.ray_folder import private_folder
from ray_jobs.rendezvous import LOOPBACK_ONLY, OneMachine
from ray_jobs.run_folder import LOG, REFUSAL, RESULT
from ray_jobs.token_loader import TokenRows
from ray_jobs.train_loop import train
from schemas.jobs import PretrainOrder, Resources, TrainResult

RETRIES = 2  # after a worker's death; the loop goes on from its checkpoint
# Each actor and worker that a run does without saves seconds of two cores. Ray 2.60's
# `train/v2/_internal/constants.py` and `_private/ray_constants` name these.
SWITCHES = {
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",  # between two looks at the workers
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
    "RAY_TRAIN_METRICS_ENABLED": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_worker_niceness": "0",  # 15 unasked: training would wait for whatever else runs
}
OBJECT_STORE_BYTES = 80 * 2**20  # nothing large passes through Ray


def work(settings: dict[str, str]) -> None:
    """What every worker runs. Started again after a failure, it goes on from the checkpoint."""
    order = PretrainOrder.model_validate_json(settings["order"])
    context = get_context()
    environment = Environment(
        Path(order.run),
        order.resources,
        rank=context.get_world_rank(),
        world_size=context.get_world_size(),
        device=get_device(),
    )
    try:
        result = train_and_export(order, environment)
    except PipelineError as error:  # another try would end alike, so Ray must not see it
        write_synced(environment.run / REFUSAL, str(error).encode())
        return
    if environment.rank == 0:
        write_synced(environment.run / RESULT, result.model_dump_json(indent=2).encode())


def train_and_export(order: PretrainOrder, environment: Environment) -> TrainResult:
    """Train; the first worker writes the model once it is finished."""
    tokenizer = Path(order.tokenizer)
    rows = TokenRows.read(order.rows, vocabulary=vocabulary_size(tokenizer))
    network, result = train(order.job, rows, environment)
    if environment.rank == 0 and result.outcome == "finished":
        export(
            network,
            Model.parse(order.job.model),
            context=rows.context,
            tokenizer=tokenizer,
            end=order.end,
            folder=Path(order.output),
        )
    return result


def pretrain(order: PretrainOrder) -> TrainResult:
    """Train as ordered: on a Ray that is started for it and ended after it, or on a cluster.

    Raises:
        NotShared: a machine of the cluster does not see the run folder.
        TooFewResources: Ray can never give what the order asks for.
        JobRefused: the workers found that it cannot be done.
        JobFailed: the workers failed more often than they may.
    """
    os.environ |= SWITCHES
    with _ray(order) as meeting:
        there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]  # Ray's
        _fit(order, per_worker(order.resources, there=there), meeting)
    path, refusal = Path(order.run, RESULT), Path(order.run, REFUSAL)
    if refusal.exists():
        raise JobRefused(refusal.read_text())
    if not path.exists():
        raise JobFailed(module="ray_jobs.pretrain", code=0, log=path.with_name(LOG), tail="")
    return TrainResult.model_validate_json(path.read_bytes())


@contextmanager
def _ray(order: PretrainOrder) -> Iterator[TorchConfig]:
    """A Ray to train on, and how its workers meet."""
    address, patience = order.resources.ray_address, order.resources.collective_seconds
    try:
        if address == "local":
            os.environ |= LOOPBACK_ONLY
            start_ray(object_store_memory=OBJECT_STORE_BYTES)
            with TemporaryDirectory(prefix="meet-", dir=private_folder()) as folder:
                yield OneMachine(timeout_s=patience, folder=folder)
        else:
            join_cluster(address)
            check_shared(Path(order.run))
            yield TorchConfig(timeout_s=patience)
    finally:
        ray.shutdown()


def per_worker(resources: Resources, *, there: dict[str, float]) -> dict[str, float]:
    """What Ray is to set aside for each worker.

    Raises:
        TooFewResources: it is more than there is.
    """
    cores = resources.threads or max(1, int(there.get("CPU", 1)) // resources.workers)
    each = {"CPU": float(cores), "GPU": float(resources.gpu)}
    asked = {name: amount * resources.workers for name, amount in each.items() if amount}
    have = {name: there.get(name, 0.0) for name in asked}
    if any(asked[name] > have[name] for name in asked):
        raise TooFewResources(asked=asked, there=have)
    return each


def _fit(order: PretrainOrder, each: dict[str, float], meeting: TorchConfig) -> None:
    trainer: Any = TorchTrainer(
        work,
        train_loop_config={"order": order.model_dump_json()},
        scaling_config=ScalingConfig(
            num_workers=order.resources.workers,
            use_gpu=order.resources.gpu,
            resources_per_worker=each,
        ),
        torch_config=meeting,
        run_config=RunConfig(
            name="ray",
            storage_path=order.run,
            failure_config=FailureConfig(max_failures=RETRIES),
        ),
    )
    trainer.fit()


if __name__ == "__main__":
    run_job(PretrainOrder, pretrain)
