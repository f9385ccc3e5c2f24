"""The training loop, in plain Torch: it knows neither Ray nor Prefect.

Every step takes the next rows, sums the losses of their targets, divides by how many targets
there are over all workers, and moves the weights. So neither the number of workers nor the rows
that go through the network at once change what is learnt.
"""

import contextlib
import time
from contextlib import AbstractContextManager
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from ray_jobs.checkpoint import Checkpoints, fingerprint_of
from ray_jobs.environment import Environment
from ray_jobs.errors import TooFewRows
from ray_jobs.models.model import Model
from ray_jobs.optimizer import build_optimizers, share_of_peak
from ray_jobs.run_folder import CHECKPOINTS
from ray_jobs.stop_flag import Flagged
from ray_jobs.token_loader import (
    NO_TARGET,
    Batch,
    TokenRows,
    pieces,
    rows_of_step,
    slice_of_rank,
)
from schemas.jobs import PretrainJob, TrainResult


def train(
    job: PretrainJob, rows: TokenRows, environment: Environment
) -> tuple[nn.Module, TrainResult]:
    """Train until the last step, or until somebody writes the stop file.

    Returns:
        The network, and how it went. With outcome "stopped" there is a checkpoint to go on from.

    Raises:
        TooFewRows: a step has fewer rows than there are workers.
        ForeignCheckpoint: the run folder belongs to another job or to other rows.
    """
    if job.rows_per_step < environment.world_size:
        raise TooFewRows(job.rows_per_step, workers=environment.world_size)
    environment.prepare()
    torch.manual_seed(job.seed)
    network = Model.parse(job.model).build(vocabulary=rows.vocabulary, context=rows.context)
    run = TrainingRun(job, rows, environment, network)
    return network, run.to_the_end()


class TrainingRun:
    """One run under way."""

    def __init__(
        self, job: PretrainJob, rows: TokenRows, environment: Environment, network: nn.Module
    ) -> None:
        self.job, self.rows, self.environment, self.network = job, rows, environment, network
        self.flagged = Flagged(network)
        self.wrapped = environment.wrap(self.flagged)
        self.rows_at_once = environment.rows_at_once(network, rows.context)
        self.cost = environment.compiled(cost)
        self.optimizers = build_optimizers(network, job, dtype=environment.dtype)
        fingerprint = fingerprint_of(job.model_dump_json(), rows.fingerprint())
        self.checkpoints = Checkpoints(environment.run / CHECKPOINTS, fingerprint)
        self.step, self.tokens = self.checkpoints.restore(network, self.optimizers)
        self.loss: float | None = None
        environment.forget_after(self.step)

    def to_the_end(self) -> TrainResult:
        """Make step after step; log, save and listen at the set distances."""
        resources = self.environment.resources
        tokens_before, start = self.tokens, time.perf_counter()
        outcome: Literal["finished", "stopped"] = "finished"
        while self.step < self.job.steps:
            loss = self.learn()
            self.step += 1
            last = self.step == self.job.steps
            told = last or self.step % resources.log_every == 0 or self.step == 1
            if told:
                speed = (self.tokens - tokens_before) / (time.perf_counter() - start)
                self.log(loss, speed)
            if not last and self.all_stop(told=told):
                outcome = "stopped"
                break
            if not last and self.step % resources.checkpoint_every == 0:
                self.save()
        self.save()
        seconds = time.perf_counter() - start
        return TrainResult(
            outcome=outcome,
            step=self.step,
            loss=self.loss,
            tokens=self.tokens,
            seconds=round(seconds, 3),
            tokens_per_second=round((self.tokens - tokens_before) / seconds, 1),
        )

    def learn(self) -> Tensor:
        """One step; this worker's part of the mean loss, in nats per target, before the step."""
        job, environment = self.job, self.environment
        torch.manual_seed(job.seed + 1_000_003 * self.step + environment.rank)
        everyone = rows_of_step(
            self.step, rows=len(self.rows), rows_per_step=job.rows_per_step, seed=job.seed
        )
        mine = slice_of_rank(everyone, rank=environment.rank, world_size=environment.world_size)
        targets = max(1, int(self.rows.targets[everyone].sum()))
        stop = environment.stop_asked()
        self.flagged.lower()
        loss = torch.zeros((), device=environment.device)
        parts = list(pieces(mine, self.rows_at_once))
        for part in parts:
            with self.apart(unless=part is parts[-1]):
                loss += self.backward(self.rows.batch(part), targets, stop=stop)
        nn.utils.clip_grad_norm_(self.network.parameters(), job.clip, foreach=True)
        share = share_of_peak(job, self.step)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * share
            optimizer.step()
            optimizer.zero_grad()
        self.tokens += targets
        return loss

    def all_stop(self, *, told: bool) -> bool:
        """Whether the workers leave after this step: all of them, or none.

        They have sent each other the same gradients, so that they see the same flag, and they look
        at the same steps. On GPUs that is where the loss is told: looking means to wait for them.
        """
        environment = self.environment
        if environment.world_size == 1:
            return environment.stop_asked()
        return (told or not environment.on_gpu) and self.flagged.raised

    def backward(self, batch: Batch, targets: int, *, stop: bool) -> Tensor:
        """Add the gradients of these rows; their part of the step's mean loss."""
        environment = self.environment
        with environment.autocast():
            logits, wanted = foretell(self.wrapped, batch, environment.device)
        nats, loss = self.cost(logits, wanted, self.job.z_loss)
        # Distributed training takes the workers' mean; the sum is meant.
        scaled = loss * (environment.world_size / targets)
        torch.autograd.backward(self.flagged.beside(scaled, stop=stop))
        return nats.detach() / targets

    def apart(self, *, unless: bool) -> AbstractContextManager[object]:
        """Workers exchange gradients only after the last rows of a step."""
        if unless or not isinstance(self.wrapped, nn.parallel.DistributedDataParallel):
            return contextlib.nullcontext()
        return self.wrapped.no_sync()

    def log(self, loss: Tensor, tokens_per_second: float) -> None:
        """Write a line of metrics."""
        self.loss = float(self.environment.all_sum(loss).item())
        metrics = {
            "loss": self.loss,
            "share_of_peak": share_of_peak(self.job, self.step - 1),
            "tokens": self.tokens,
            "tokens_per_second": round(tokens_per_second, 1),
        }
        self.environment.log(self.step, metrics)

    def save(self) -> None:
        """Leave a checkpoint; the first worker's weights are everybody's."""
        if self.environment.rank == 0:
            self.checkpoints.save(self.network, self.optimizers, step=self.step, tokens=self.tokens)


def foretell(network: nn.Module, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
    """The logits of some rows, (B * T, vocabulary), and their targets, (B * T,)."""
    inputs, targets, documents = (
        torch.from_numpy(part).to(device, non_blocking=True)
        for part in (batch.inputs, batch.targets, batch.documents)
    )
    return network(inputs, documents).flatten(0, 1), targets.flatten()


def cost(logits: Tensor, wanted: Tensor, z_loss: float) -> tuple[Tensor, Tensor]:
    """Nats over all targets; and with `z_loss` times the sum of log(Z)^2, what is to become less.

    Args:
        logits: (N, vocabulary).
        wanted: (N,), NO_TARGET where there is none.
        z_loss: against drift.
    """
    logits = logits.float()
    nats = functional.cross_entropy(logits, wanted, ignore_index=NO_TARGET, reduction="sum")
    if not z_loss:
        return nats, nats
    squares = logits.logsumexp(-1).square()
    return nats, nats + z_loss * torch.where(wanted != NO_TARGET, squares, 0.0).sum()
