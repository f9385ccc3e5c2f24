"""Ray Train around the training loop: `python -m ray_jobs.pretrain ORDER.json`.

Ray starts the workers, joins them to one process group and starts them again after a failure; the
loop finds its own checkpoints. Nothing is reported to Ray, which would wait for its controller's
polls: metrics go to the run folder. All workers need that folder, the rows and the output under
the same absolute paths; on a cluster of several machines each worker sees to that before it begins.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ray.train import (
    ControllerError,
    FailureConfig,
    RunConfig,
    ScalingConfig,
    WorkerGroupError,
    get_context,
)
from ray.train.torch import TorchConfig, TorchTrainer, get_device
from ray.train.v2._internal.exceptions import WorkerGroupStartupTimeoutError

from pipeline.errors import PipelineError
from ray_jobs.checkpoint import write_synced
from ray_jobs.cluster import join_cluster, machines
from ray_jobs.environment import Environment
from ray_jobs.errors import JobFailed, JobRefused, NotShared, TooFewResources
from ray_jobs.export import export, vocabulary_size
from ray_jobs.job_process import run_job
from ray_jobs.models.model import Model
from ray_jobs.own_ray import end_ray, start_ray
from ray_jobs.ray_folder import private_folder
from ray_jobs.rendezvous import LOOPBACK_ONLY, OneMachine
from ray_jobs.run_folder import LOG, REFUSAL, RESULT
from ray_jobs.token_loader import TokenRows
from ray_jobs.train_loop import train
from schemas.jobs import PretrainOrder, Resources, TrainResult

RETRIES = 2  # after a worker's death; the loop goes on from its checkpoint
START_VARIABLE, START_SECONDS = "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", 300  # on a cluster
STARTS = 3  # more, where there was no room for all workers, or no machine yet
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
    if not Path(settings["mark"]).exists():
        raise NotShared(order.run, machine=socket.gethostname())
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
        TooFewResources: this machine can never give what the order asks for, or the cluster has
            not done so in `START_SECONDS`, a few times over.
        JobRefused: the workers found that it cannot be done.
        JobFailed: the workers failed more often than they may.
    """
    os.environ |= SWITCHES
    with _ray(order) as meeting:
        each = per_worker(order.resources, machines(), may_come=not isinstance(meeting, OneMachine))
        _fit(order, each, meeting)
    path, refusal = Path(order.run, RESULT), Path(order.run, REFUSAL)
    if refusal.exists():
        raise JobRefused(refusal.read_text())
    if not path.exists():
        raise JobFailed(module="ray_jobs.pretrain", code=0, log=path.with_name(LOG), tail="")
    return TrainResult.model_validate_json(path.read_bytes())


@contextmanager
def _ray(order: PretrainOrder) -> Iterator[TorchConfig]:
    """A Ray to train on, and how its workers meet."""
    address, patience = order.resources.address, order.resources.collective_seconds
    try:
        if address == "local":
            os.environ |= LOOPBACK_ONLY
            start_ray(object_store_memory=OBJECT_STORE_BYTES)
            with TemporaryDirectory(prefix="meet-", dir=private_folder()) as folder:
                yield OneMachine(timeout_s=patience, folder=folder)
        else:
            os.environ.setdefault(START_VARIABLE, str(START_SECONDS))
            join_cluster(address)
            yield TorchConfig(timeout_s=patience)
    finally:
        end_ray()


def per_worker(
    resources: Resources, there: Sequence[dict[str, float]], *, may_come: bool
) -> dict[str, float]:
    """What Ray is to set aside for each worker.

    Unasked, workers share out the cores of the machines that suit them, as many on each.

    Args:
        resources: how many workers, and on what.
        there: what Ray has on each machine.
        may_come: other machines may be there later, as an autoscaler's are.

    Raises:
        TooFewResources: it is more than there is, or ever will be.
    """
    kind = "GPU" if resources.gpu else "CPU"
    fit = [machine for machine in there if machine.get(kind)]
    on_each = -(-resources.workers // max(1, len(fit)))
    cores = min((int(machine.get("CPU", 0)) for machine in fit), default=1) // on_each
    each = {"CPU": float(resources.threads or max(1, cores)), "GPU": float(resources.gpu)}
    asked = {name: amount for name, amount in each.items() if amount}
    room = sum(
        min(int(machine.get(name, 0) // amount) for name, amount in asked.items())
        for machine in there
    )
    if room < resources.workers and not may_come:
        raise _too_few(resources, asked, there, "it would wait for ever")
    return each


def _too_few(
    resources: Resources, each: dict[str, float], there: Sequence[dict[str, float]], waited: str
) -> TooFewResources:
    asked = {name: amount * resources.workers for name, amount in each.items() if amount}
    have = {name: sum(machine.get(name, 0.0) for machine in there) for name in asked}
    return TooFewResources(asked=asked, there=have, waited=waited)


def _fit(order: PretrainOrder, each: dict[str, float], meeting: TorchConfig) -> None:
    mark = Path(order.run, f".shared-{secrets.token_hex(8)}")
    failures: Any = FailureConfig  # whose type is that of Ray's first version of it
    trainer: Any = TorchTrainer(
        work,
        train_loop_config={"order": order.model_dump_json(), "mark": str(mark)},
        scaling_config=ScalingConfig(
            num_workers=order.resources.workers,
            use_gpu=order.resources.gpu,
            resources_per_worker=each,
        ),
        torch_config=meeting,
        run_config=RunConfig(
            name="ray",
            storage_path=order.run,
            failure_config=failures(max_failures=RETRIES, controller_failure_limit=STARTS),
        ),
    )
    mark.touch()
    try:
        trainer.fit()
    except WorkerGroupError as error:
        for failure in error.worker_failures.values():
            told = getattr(failure, "cause", failure)  # as Ray wraps what a worker raises
            if isinstance(told, NotShared):
                raise told from error
        raise
    except ControllerError as error:
        if isinstance(error.controller_failure, WorkerGroupStartupTimeoutError):
            waited = f"no machine with room came in {STARTS + 1} times {START_SECONDS} seconds"
            raise _too_few(order.resources, each, machines(), waited) from error
        raise
    finally:
        mark.unlink()


if __name__ == "__main__":
    run_job(PretrainOrder, pretrain)
