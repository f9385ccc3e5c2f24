"""What the versions of models and scores hang on: the code that their jobs run."""

import pytest

from flows.recipe import parse_recipe
from ray_jobs.stages import Evaluate
from tests.edited_code import EditedCode


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
def test_what_computes_a_score_is_part_of_its_version(tmp_path, file, old, new, changed):
    found = EditedCode(tmp_path).edit(Evaluate(), file, old, new)
    assert found.changed == (changed,)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ray_jobs/optimizer.py", "MOMENTUM = ", "MOMENTUM = 0.5 * "),
        ("ray_jobs/models/decoder.py", '"mlp_bias": False', '"mlp_bias": None'),
        ("ray_jobs/token_loader.py", "def epoch_order(", "@print\ndef epoch_order("),
        ("ray_jobs/networks/decoder.py", '"""SwiGLU', '"""Gated, SwiGLU'),
    ],
)
def test_what_only_trains_or_exports_is_no_part_of_a_scores_version(tmp_path, file, old, new):
    assert not EditedCode(tmp_path).edit(Evaluate(), file, old, new)


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
