"""How the workers of one machine meet: in a file, where nobody else can join them.

Ray has them meet at a TCP store of Torch, which listens on every interface, asks nobody who they
are, and lets them change what the workers tell each other.
"""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.train.torch import TorchConfig
from ray.train.torch.config import _setup_torch_process_group, _TorchBackend

_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
# Where gloo and NCCL listen for the other workers: unasked, on the interface of the host's name.
LOOPBACK_ONLY = {"GLOO_SOCKET_IFNAME": _LOOPBACK, "NCCL_SOCKET_IFNAME": _LOOPBACK}


@dataclass
class OneMachine(TorchConfig):
    """Settings of the process group of workers that share one machine."""

    folder: str = ""  # on that machine's disk, for nobody else to enter; its name needs no quoting

    @property
    def backend_cls(self) -> type["_OneMachineBackend"]:
        """Who joins the workers."""
        return _OneMachineBackend


class _OneMachineBackend(_TorchBackend):
    def on_start(self, worker_group: Any, backend_config: Any) -> None:
        """Join the workers; after a failure those that are new meet in a new file."""
        gpus = worker_group.get_resources_per_worker().get("GPU", 0)
        file = Path(backend_config.folder, secrets.token_hex(8))
        joining = [
            worker_group.execute_single_async(
                rank,
                _setup_torch_process_group,
                backend="nccl" if gpus else "gloo",
                world_rank=rank,
                world_size=len(worker_group),
                init_method=f"file://{file}",
                timeout_s=backend_config.timeout_s,
            )
            for rank in range(len(worker_group))
        ]
        ray.get(joining)
