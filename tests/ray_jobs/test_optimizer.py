"""How weights move."""

import pytest
import torch
from torch import nn

from ray_jobs.optimizer import MOMENTUM, Muon, build_optimizers, orthogonal, share_of_peak
from tests.ray_jobs.tiny import job


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 48, 16), (2, 16, 48)])
def test_steps_are_near_orthogonal(shape):
    generator = torch.Generator().manual_seed(0)
    found = torch.linalg.svdvals(orthogonal(torch.randn(shape, generator=generator)))
    assert found.max() < 1.2
    assert found.median() > 0.8


def test_matrices_move_together_as_they_would_alone():
    torch.manual_seed(0)
    start = [torch.randn(8, 4), torch.randn(8, 4), torch.randn(4, 4)]
    gradients = [[torch.randn_like(w) for w in start] for _ in range(3)]
    weights = [nn.Parameter(w.clone()) for w in start]
    muon = Muon(weights, lr=0.1, weight_decay=0.01, dtype=torch.float32)
    for step in gradients:
        for weight, gradient in zip(weights, step, strict=True):
            weight.grad = gradient.clone()
        muon.step()
    for i, weight in enumerate(weights):
        assert torch.allclose(weight, moved_alone(start[i], [g[i] for g in gradients]), atol=1e-5)


def moved_alone(weight, gradients):
    weight, momentum = weight.clone(), torch.zeros_like(weight)
    for gradient in gradients:
        momentum = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        ahead = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        scale = max(1, weight.shape[0] / weight.shape[1]) ** 0.5
        weight = weight * (1 - 0.1 * 0.01) - 0.1 * scale * orthogonal(ahead[None])[0]
    return weight


def test_the_rate_rises_stays_and_falls():
    plan = job(steps=100, warmup_share=0.1, decay_share=0.2)
    shares = [share_of_peak(plan, step) for step in range(100)]
    assert shares[:2] == [pytest.approx(0.1), pytest.approx(0.2)]
    assert set(shares[9:80]) == {1.0}
    assert shares[-1] == pytest.approx(0.05)
    assert all(share_of_peak(job(steps=5, warmup_share=0, decay_share=0), s) == 1 for s in range(5))


def test_embedding_and_head_are_no_hidden_matrices():
    network = nn.ModuleDict(
        {"embed_tokens": nn.Embedding(9, 4), "q_proj": nn.Linear(4, 4), "lm_head": nn.Linear(4, 9)}
    )
    adamw, muon = build_optimizers(network, job(), dtype=torch.float32)
    assert muon.param_groups[0]["params"] == [network["q_proj"].weight]
    assert len(adamw.param_groups[0]["params"]) == 4
