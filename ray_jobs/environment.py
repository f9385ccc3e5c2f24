"""What a training loop needs of the place it runs in, so that it knows nothing of Ray."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn
from torch import distributed as dist

from ray_jobs.gpu import compile_layers, make_repeatable, tokens_that_fit
from ray_jobs.run_folder import METRICS, STOP
from schemas.jobs import Resources

Compiled = TypeVar("Compiled", bound=Callable[..., Any])


@dataclass(frozen=True)
class Environment:
    """One worker's surroundings. Made as it is, it is a run in this process alone.

    Several workers share the run folder and Torch's process group; `pretrain` has Ray start them.
    """

    run: Path  # checkpoints, metrics and the stop file
    resources: Resources = field(default_factory=Resources)
    rank: int = 0
    world_size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def prepare(self) -> None:
        """Set this process up: its threads, its folder, and a GPU's ways.

        Raises:
            NoCompiler: there is a GPU to work on, but nothing to compile its kernels.
        """
        self.run.mkdir(parents=True, exist_ok=True)
        cores = len(os.sched_getaffinity(0))
        torch.set_num_threads(self.resources.threads or max(1, cores // self.world_size))
        if self.on_gpu:
            make_repeatable()

    @property
    def on_gpu(self) -> bool:
        """Whether this worker computes on a GPU."""
        return self.device.type == "cuda"

    def rows_at_once(self, network: nn.Module, context: int) -> int:
        """How many rows go through this network together.

        About 1,024 tokens stay in a CPU's caches: measured at width 256, 4,096 ids and bfloat16,
        steps of 2,048 tokens are a third faster in two pieces of 1,024 than in one.
        """
        tokens = self.resources.tokens_at_once
        if not tokens and self.on_gpu:
            memory = torch.cuda.get_device_properties(self.device).total_memory
            tokens = tokens_that_fit(network, memory=memory, bytes_each=self.dtype.itemsize)
        return max(1, (tokens or 1_024) // context)

    @property
    def dtype(self) -> torch.dtype:
        """What is multiplied in: bfloat16 only where the hardware is faster at it."""
        if self.resources.precision == "auto":
            fast = self.on_gpu or has_matrix_units()
            return torch.bfloat16 if fast else torch.float32
        found: torch.dtype = getattr(torch, self.resources.precision)
        return found

    def autocast(self) -> AbstractContextManager[object]:
        """Inside, the network multiplies in `dtype`."""
        if self.dtype is torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def compiled(self, function: Compiled) -> Compiled:
        """The function, on a GPU as one kernel, or few."""
        if not self.on_gpu:
            return function
        return cast("Compiled", torch.compile(function, dynamic=False))

    def place(self, network: nn.Module) -> nn.Module:
        """The network on the device, on a GPU as compiled kernels."""
        network = network.to(self.device)
        if self.on_gpu:
            compile_layers(network)
        return network

    def wrap(self, network: nn.Module) -> nn.Module:
        """The network in its place; with several workers their gradients become one."""
        network = self.place(network)
        if self.world_size == 1:
            return network
        return nn.parallel.DistributedDataParallel(network)

    def all_sum(self, number: Tensor) -> Tensor:
        """The sum of every worker's `number`."""
        if self.world_size > 1:
            dist.all_reduce(number)
        return number

    def stop_asked(self) -> bool:
        """Whether somebody wrote the stop file; only the first worker looks."""
        return self.rank == 0 and (self.run / STOP).exists()

    def log(self, step: int, metrics: dict[str, float]) -> None:
        """Add a line to the metrics; the first worker writes."""
        if self.rank == 0:
            with (self.run / METRICS).open("a", encoding="utf-8") as out:
                out.write(json.dumps({"step": step, **metrics}) + "\n")

    def forget_after(self, step: int) -> None:
        """Drop the lines of steps that will be done again."""
        path = self.run / METRICS
        if self.rank == 0 and path.exists():
            kept = [line for line in _whole_lines(path) if json.loads(line)["step"] <= step]
            other = path.with_suffix(".kept")
            other.write_text("".join(kept), encoding="utf-8")
            other.replace(path)  # at once: somebody reads it while it grows, see `follower`


def has_matrix_units() -> bool:
    """Whether this processor has Intel's AMX: bfloat16 products at 4 to 10 times the speed."""
    return torch.cpu._is_amx_tile_supported()


def _whole_lines(path: Path) -> Iterator[str]:
    """The lines that were written to their end."""
    with path.open(encoding="utf-8") as lines:
        yield from (line for line in lines if line.endswith("\n"))
