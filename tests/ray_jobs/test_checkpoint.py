"""Checkpoints are whole, or they are not there."""

import pytest
import torch
from torch import nn

from ray_jobs.checkpoint import Checkpoints
from ray_jobs.errors import ForeignCheckpoint


@pytest.fixture
def run(tmp_path):
    network = nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    checkpoints = Checkpoints(tmp_path, "this job")

    def save(step):
        network(torch.full((1, 3), float(step))).sum().backward()
        optimizer.step()
        checkpoints.save(network, [optimizer], step=step, tokens=10 * step)
        return tmp_path / f"step-{step:08d}"

    return checkpoints, network, optimizer, save


def test_a_run_goes_back_to_where_it_was(run):
    checkpoints, network, optimizer, save = run
    save(1)
    save(2)
    other = nn.Linear(3, 2)
    fresh = torch.optim.AdamW(other.parameters())
    assert checkpoints.restore(other, [fresh]) == (2, 20)
    assert torch.equal(other.weight, network.weight)
    assert torch.equal(
        fresh.state[other.weight]["exp_avg"], optimizer.state[network.weight]["exp_avg"]
    )
    assert fresh.state[other.weight]["step"] == 2


def test_two_checkpoints_are_kept(run, tmp_path):
    *_, save = run
    for step in (1, 2, 3):
        save(step)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["step-00000002", "step-00000003"]


def flip_a_byte(folder):
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def cut_the_manifest(folder):
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-5])


DAMAGES = {
    "a flipped byte": flip_a_byte,
    "half a manifest": cut_the_manifest,
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "no optimizers": lambda folder: (folder / "optimizers.safetensors").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over_and_replaced(run, damage):
    checkpoints, *_, save = run
    good = save(1)
    bad = save(2)
    DAMAGES[damage](bad)
    assert checkpoints.latest() == good
    assert save(2) == checkpoints.latest()


def test_the_checkpoint_of_another_job_is_refused(run, tmp_path):
    *_, save = run
    save(1)
    with pytest.raises(ForeignCheckpoint, match="step-00000001 is the checkpoint of another job"):
        Checkpoints(tmp_path, "that job").latest()
