"""What the versions of models and scores hang on: the code that their jobs run."""

import shutil
from pathlib import Path

import pytest

from flows.recipe import parse_recipe
from pipeline.run.keys import EXECUTION_ONLY, OUR_PACKAGES
from pipeline.versions.fingerprint import compare, fingerprint
from ray_jobs.stages import Evaluate

ROOT = Path(__file__).parents[2]


@pytest.fixture
def edited(tmp_path):
    """Changes a copy of our packages; says what that changes in the code of the scores."""
    for package in OUR_PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)

    def code():
        roots = {package: tmp_path / package for package in OUR_PACKAGES}
        return fingerprint(Evaluate().entries(), roots, EXECUTION_ONLY).definitions

    def edit(file, old, new):
        before, path = code(), tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return compare(before, code())

    return edit


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        (
            "ray_jobs/networks/decoder.py",
            "self.lm_head(self.norm(x))",
            "self.lm_head(x)",
            "ray_jobs.networks.decoder:Decoder.forward",
        ),
        (
            "ray_jobs/networks/decoder.py",
            "functional.silu(",
            "functional.gelu(",
            "ray_jobs.networks.decoder:FeedForward.forward",
        ),
        (
            "ray_jobs/train_loop.py",
            "def foretell(",
            "@torch.no_grad()\ndef foretell(",
            "ray_jobs.train_loop:foretell",
        ),
        (
            "ray_jobs/bigram.py",
            "ROWS_AT_ONCE = ",
            "ROWS_AT_ONCE = 2 * ",
            "ray_jobs.bigram:ROWS_AT_ONCE",
        ),
        (
            "ray_jobs/evaluate_loop.py",
            "nats / np.log(2)",
            "nats / np.log(10)",
            "ray_jobs.evaluate_loop:score_of",
        ),
    ],
)
def test_what_computes_a_score_is_part_of_its_version(edited, file, old, new, changed):
    assert edited(file, old, new).changed == (changed,)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ray_jobs/optimizer.py", "MOMENTUM = ", "MOMENTUM = 0.5 * "),
        ("ray_jobs/models/decoder.py", '"mlp_bias": False', '"mlp_bias": None'),
        ("ray_jobs/token_loader.py", "def epoch_order(", "@print\ndef epoch_order("),
        ("ray_jobs/networks/decoder.py", '"""SwiGLU', '"""Gated, SwiGLU'),
    ],
)
def test_what_only_trains_or_exports_is_no_part_of_a_scores_version(edited, file, old, new):
    assert not edited(file, old, new)


def test_scores_hang_on_the_network_of_the_recipes_model():
    content = {
        "name": "own",
        "pages": {"source": {"kind": "jsonl_files", "paths": ["docs.jsonl"]}},
        "model": {"model": {"kind": "tests.ray_jobs.own_model"}},
    }
    scores = parse_recipe(content, "it").evaluation()
    assert "tests.ray_jobs.own_network:Network" in scores.entries()
    assert scores.config() == {"model": "tests.ray_jobs.own_model"}
    assert Evaluate.model_validate(scores.config()) == scores
