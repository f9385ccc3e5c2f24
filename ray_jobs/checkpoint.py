"""Checkpoints of a run: whole or not there, never half.

`<run>/checkpoints/step-00000100/` holds the weights and the optimizers' state as safetensors, and
`manifest.json` with their hashes, written last. A folder whose files are not what its manifest
says is passed over, so a crash at any point costs the steps since the checkpoint before. No random
state is kept: the loop seeds its generator at every step.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from ray_jobs.errors import ForeignCheckpoint
from schemas.record import Record

MANIFEST = "manifest.json"
WEIGHTS, OPTIMIZERS = "weights.safetensors", "optimizers.safetensors"


class CheckpointManifest(Record):
    """What a checkpoint is of, and its files by their SHA-256."""

    step: int
    tokens: int  # targets learnt from so far
    fingerprint: str  # of the job and its tokens
    files: dict[str, str]


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one run. Its first worker writes, all read."""

    folder: Path
    fingerprint: str
    kept: int = 2

    def save(
        self,
        network: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        *,
        step: int,
        tokens: int,
    ) -> None:
        """Write down where the run stands after `step` steps, then drop the oldest.

        A checkpoint of that step that is there and whole stays: a run that goes on from it to its
        end would put the same in its place.
        """
        target = self.folder / f"step-{step:08d}"
        there = read_manifest(target)
        if there is not None and there.fingerprint == self.fingerprint:
            return
        if target.exists():  # what a crash left
            shutil.rmtree(target)
        target.mkdir(parents=True)
        contents = {
            WEIGHTS: save(dict(_weights(network))),
            OPTIMIZERS: save(dict(_optimizer_tensors(network, optimizers))),
        }
        for name, content in contents.items():
            write_synced(target / name, content)
        files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        manifest = CheckpointManifest(
            step=step, tokens=tokens, fingerprint=self.fingerprint, files=files
        )
        write_synced(target / MANIFEST, manifest.model_dump_json(indent=2).encode())
        for folder in (target, self.folder):  # the names too, before an older one goes
            _flush(folder)
        for old in self._folders()[self.kept :]:
            shutil.rmtree(old, ignore_errors=True)

    def latest(self) -> Path | None:
        """The newest undamaged checkpoint.

        Raises:
            ForeignCheckpoint: it is of another job or of other tokens.
        """
        for folder in self._folders():
            manifest = read_manifest(folder)
            if manifest is not None:
                if manifest.fingerprint != self.fingerprint:
                    raise ForeignCheckpoint(folder)
                return folder
        return None

    def restore(
        self, network: nn.Module, optimizers: Sequence[torch.optim.Optimizer]
    ) -> tuple[int, int]:
        """Go back to the newest checkpoint; its steps and tokens, both 0 where there is none."""
        folder = self.latest()
        manifest = read_manifest(folder) if folder else None
        if folder is None or manifest is None:
            return 0, 0
        stored = load_file(folder / WEIGHTS)
        with torch.no_grad():
            for name, weight in network.named_parameters():
                weight.copy_(stored[name])
        _load_optimizers(network, optimizers, load_file(folder / OPTIMIZERS))
        return manifest.step, manifest.tokens

    def _folders(self) -> list[Path]:
        return sorted(self.folder.glob("step-*"), reverse=True)


def read_manifest(folder: Path) -> CheckpointManifest | None:
    """The manifest of a checkpoint whose files are all there and undamaged, else None."""
    try:
        manifest = CheckpointManifest.model_validate_json((folder / MANIFEST).read_bytes())
        for name, sha256 in manifest.files.items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    return None
    except (OSError, ValueError):
        return None
    return manifest


def write_synced(path: Path, content: bytes) -> None:
    """Write a file that a crash leaves whole or absent."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)


def _flush(folder: Path) -> None:
    """Have a folder's names outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fingerprint_of(*parts: str) -> str:
    """Sixteen hex digits for what a run is of."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _weights(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Each weight once, also where two layers share it."""
    for name, weight in network.named_parameters():
        yield name, weight.detach().cpu().contiguous()


def _optimizer_tensors(
    network: nn.Module, optimizers: Sequence[torch.optim.Optimizer]
) -> Iterator[tuple[str, Tensor]]:
    names: dict[Tensor, str] = {weight: name for name, weight in network.named_parameters()}
    for optimizer in optimizers:
        for weight, state in optimizer.state.items():
            for key, tensor in state.items():
                yield f"{names[weight]}/{key}", tensor.detach().cpu().contiguous()


def _load_optimizers(
    network: nn.Module, optimizers: Sequence[torch.optim.Optimizer], stored: dict[str, Tensor]
) -> None:
    names: dict[Tensor, str] = {weight: name for name, weight in network.named_parameters()}
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            for weight in group["params"]:
                prefix = f"{names[weight]}/"
                found = {
                    k.removeprefix(prefix): t for k, t in stored.items() if k.startswith(prefix)
                }
                optimizer.state[weight] = {key: t.to(weight.device) for key, t in found.items()}
