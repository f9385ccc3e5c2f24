"""On a GPU: the same promises as on a processor. Skipped where there is none."""

import pytest
import torch

from ray_jobs.environment import Environment
from ray_jobs.evaluate_loop import surprise_of
from ray_jobs.models.model import Model
from ray_jobs.run_folder import STOP
from ray_jobs.train_loop import train
from schemas.jobs import Resources
from tests.ray_jobs.test_train_loop import losses, weights
from tests.ray_jobs.tiny import VOCABULARY, job, random_rows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

WIDE = {"kind": "decoder", "width": 128, "layers": 2, "heads": 4, "key_heads": 2, "hidden": 96}
NARROW = WIDE | {"heads": 16, "key_heads": 8}  # heads that block kernels are not made for


@pytest.fixture(autouse=True)
def _fresh_kernels():
    """Torch keeps at most eight compilations of one function, and each test has other sizes."""
    torch.compiler.reset()


def environment(run, **resources):
    settings = {"gpu": True, "log_every": 1} | resources
    return Environment(run, Resources.model_validate(settings), device=torch.device("cuda"))


def on_processor(run):
    settings = Resources(precision="float32", threads=1, log_every=1)
    return Environment(run, settings)


def test_a_few_rows_are_learnt_by_heart(tmp_path):
    plan = job(model=WIDE, steps=150, rows_per_step=8, peak_lr=0.01)
    _, result = train(plan, random_rows(8), environment(tmp_path))
    assert losses(tmp_path)[1] > 5
    assert result.loss < 0.5


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("model", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_same_run_gives_the_same_bits(tmp_path, precision, model):
    plan, rows = job(model=model, steps=40), random_rows(64, 513)
    runs = [
        train(plan, rows, environment(tmp_path / name, precision=precision))
        for name in ("first", "second")
    ]
    (first, _), (second, _) = runs
    assert torch.equal(weights(first), weights(second))


def test_a_stopped_run_taken_up_again_ends_with_the_same_bits(tmp_path):
    plan, rows = job(model=WIDE, steps=40), random_rows(64, 257)
    whole, _ = train(plan, rows, environment(tmp_path / "whole"))
    place = environment(tmp_path / "parts", checkpoint_every=7)
    place.prepare()
    (place.run / STOP).touch()
    _, result = train(plan, rows, place)
    assert (result.outcome, result.step) == ("stopped", 1)
    (place.run / STOP).unlink()
    parts, _ = train(plan, rows, place)
    assert torch.equal(weights(parts), weights(whole))


@pytest.mark.parametrize("rows_at_once", [3, 4, 7])
def test_rows_at_once_change_nothing(tmp_path, rows_at_once):
    plan = job(model=WIDE, rows_per_step=7, z_loss=1e-3)
    whole, parts = (
        environment(tmp_path / name, precision="float32", tokens_at_once=rows * 16)
        for name, rows in (("whole", 7), ("parts", rows_at_once))
    )
    train(plan, random_rows(), whole)
    train(plan, random_rows(), parts)
    assert losses(parts.run) == pytest.approx(losses(whole.run), abs=1e-4)


@pytest.mark.parametrize("model", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_gpu_learns_what_a_processor_learns(tmp_path, model):
    plan, rows = job(model=model, steps=20, z_loss=1e-3), random_rows(length=300)
    there = environment(tmp_path / "gpu", precision="float32")
    train(plan, rows, there)
    train(plan, rows, on_processor(tmp_path / "cpu"))
    assert losses(there.run) == pytest.approx(losses(tmp_path / "cpu"), abs=2e-2)


@pytest.mark.parametrize("length", [33, 300])
@pytest.mark.parametrize("model", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_gpu_scores_as_a_processor_does(tmp_path, model, length):
    rows = random_rows(count=7, length=length)
    torch.manual_seed(0)
    network = Model.parse(model).build(vocabulary=VOCABULARY, context=rows.context)
    for layer in network.layers:  # which add nothing to begin with
        torch.nn.init.normal_(layer.self_attn.o_proj.weight, std=0.1)
    here = surprise_of(network, rows, on_processor(tmp_path))
    place = environment(tmp_path, precision="float32", tokens_at_once=3 * rows.context)
    place.prepare()
    assert surprise_of(place.place(network), rows, place) == pytest.approx(here, abs=1e-3)
