"""Checkpoints are whole, or they are not there."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from ray_jobs import checkpoint
from ray_jobs.checkpoint import Checkpoints
from ray_jobs.errors import ForeignCheckpoint
from tests.forking import in_child


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


FILES = (checkpoint.WEIGHTS, checkpoint.OPTIMIZERS, checkpoint.MANIFEST)
CHANGES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}


def killed_at(last, folder, act):
    """Do something in a child that is killed before its change `last` on the disk; how it ended.

    What was just written is cut in half by then.
    """

    def watched():
        seen = 0

        def hook(event, args):
            nonlocal seen
            # A folder that is removed names what is in it, without its path.
            if event not in CHANGES or not str(args[0]).startswith((str(folder), "step-", *FILES)):
                return
            seen += 1
            if seen == last:
                if event == "os.rename":
                    os.truncate(args[0], Path(args[0]).stat().st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        act()

    return in_child(watched)


def test_a_save_that_is_killed_at_any_change_on_the_disk_leaves_a_checkpoint_to_go_on_from(
    run, tmp_path
):
    _, network, optimizer, save = run
    for step in (2, 3):
        save(step)
    state, points, steps = (network, [optimizer]), 0, set()
    while True:
        place = shutil.copytree(tmp_path, tmp_path.with_name("killed"))
        there = Checkpoints(place, "this job")
        if not killed_at(points + 1, place, lambda: there.save(*state, step=4, tokens=40)):  # noqa: B023
            break
        points += 1
        steps.add(there.restore(*state))
        for step in (4, 5):
            there.save(*state, step=step, tokens=10 * step)
        assert there.restore(*state) == (5, 50)
        assert sorted(path.name for path in place.iterdir()) == ["step-00000004", "step-00000005"]
        assert all(len(list(path.iterdir())) == 3 for path in place.iterdir())
        shutil.rmtree(place)
    assert points > 14
    assert steps == {(3, 30), (4, 40)}


def test_an_older_checkpoint_goes_only_once_a_new_one_would_outlast_a_loss_of_power(
    run, tmp_path, monkeypatch
):
    *_, save = run
    save(1)
    save(2)
    told, flush, remove = [], os.fsync, checkpoint.shutil.rmtree

    def flushed(handle):
        told.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        flush(handle)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(
        checkpoint.shutil, "rmtree", lambda path, **how: (told.append("removed"), remove(path))
    )
    new = save(3)
    until = told[: told.index("removed")]
    assert [str(new), str(tmp_path)] == until[-2:]
    assert len(until) == 5  # three files before their names


def test_a_checkpoint_that_is_there_is_not_written_again(run):
    *_, save = run
    kept = save(1)
    when = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    save(1)
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == when
