"""The loop: what is learnt depends on the job and the rows, on nothing else."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from ray_jobs.environment import Environment
from ray_jobs.errors import ForeignCheckpoint, TooFewRows
from ray_jobs.train_loop import train
from schemas.jobs import Resources
from tests.ray_jobs.tiny import job, random_rows

ROOT = Path(__file__).parents[2]
RUN = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from tests.ray_jobs.test_train_loop import environment
from tests.ray_jobs.tiny import job, random_rows
from ray_jobs.train_loop import train
train(job(steps=400), random_rows(), environment(pathlib.Path(sys.argv[1]), checkpoint_every=7))
"""


def environment(run, **resources):
    resources = {"precision": "float32", "threads": 1, "log_every": 1} | resources
    return Environment(run, Resources.model_validate(resources))


def losses(run):
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return {line["step"]: line["loss"] for line in map(json.loads, lines)}


def weights(network):
    return nn.utils.parameters_to_vector(network.parameters()).detach()


def test_a_few_rows_are_learnt_by_heart(tmp_path):
    plan = job(steps=150, rows_per_step=8, peak_lr=0.01)
    _, result = train(plan, random_rows(8), environment(tmp_path))
    assert losses(tmp_path)[1] > 5
    assert result.loss < 0.5
    assert (result.outcome, result.step) == ("finished", 150)


@pytest.mark.parametrize("rows_at_once", [1, 3, 7])
def test_rows_at_once_change_nothing(tmp_path, rows_at_once):
    plan = job(rows_per_step=7, z_loss=1e-3)
    whole, _ = train(plan, random_rows(), environment(tmp_path / "whole"))
    parts, _ = train(
        plan, random_rows(), environment(tmp_path / "parts", tokens_at_once=rows_at_once * 16)
    )
    assert losses(tmp_path / "parts") == pytest.approx(losses(tmp_path / "whole"), abs=1e-5)
    assert torch.allclose(weights(parts), weights(whole), atol=1e-3)


def test_the_same_run_gives_the_same_bits(tmp_path):
    first, _ = train(job(), random_rows(), environment(tmp_path / "first"))
    second, _ = train(job(), random_rows(), environment(tmp_path / "second"))
    assert torch.equal(weights(first), weights(second))
    third, _ = train(job(seed=1), random_rows(), environment(tmp_path / "third"))
    assert not torch.equal(weights(first), weights(third))


def test_a_run_killed_and_taken_up_again_ends_with_the_same_bits(tmp_path):
    plan, rows = job(steps=400), random_rows()
    command = [sys.executable, "-c", RUN, str(tmp_path / "killed"), str(ROOT)]
    victim = subprocess.Popen(command, cwd=ROOT)
    while not list((tmp_path / "killed").glob("checkpoints/*/manifest.json")):
        assert victim.poll() is None
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    assert len(losses_so_far := (tmp_path / "killed/metrics.jsonl").read_text()) > 0
    assert losses_so_far.count("\n") < 400
    resumed, _ = train(plan, rows, environment(tmp_path / "killed", checkpoint_every=7))
    straight, _ = train(plan, rows, environment(tmp_path / "straight"))
    assert torch.equal(weights(resumed), weights(straight))
    assert losses(tmp_path / "killed") == losses(tmp_path / "straight")


def test_a_stop_file_leaves_a_checkpoint_to_go_on_from(tmp_path):
    place = environment(tmp_path, log_every=5)
    (tmp_path / "stop").touch()
    _, result = train(job(steps=20), random_rows(), place)
    assert (result.outcome, result.step) == ("stopped", 1)
    (tmp_path / "stop").unlink()
    _, result = train(job(steps=20), random_rows(), place)
    assert (result.outcome, result.step) == ("finished", 20)
    assert sorted(losses(tmp_path)) == [1, 5, 10, 15, 20]


def test_a_finished_run_learns_nothing_more(tmp_path):
    first, _ = train(job(), random_rows(), environment(tmp_path))
    again, result = train(job(), random_rows(), environment(tmp_path))
    assert torch.equal(weights(first), weights(again))
    assert (result.outcome, result.step) == ("finished", 6)


def test_another_job_in_the_same_folder_is_refused(tmp_path):
    train(job(), random_rows(), environment(tmp_path))
    with pytest.raises(ForeignCheckpoint):
        train(job(peak_lr=0.1), random_rows(), environment(tmp_path))
    with pytest.raises(ForeignCheckpoint):
        train(job(), random_rows(seed=1), environment(tmp_path))


def test_every_worker_needs_a_row(tmp_path):
    place = Environment(tmp_path, Resources(), rank=0, world_size=5)
    with pytest.raises(TooFewRows, match="4 rows a step cannot be shared by 5 workers"):
        train(job(), random_rows(), place)
