"""The decoder's network: packed documents do not see each other."""

import itertools
import subprocess
import sys

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from ray_jobs.models.decoder import Decoder
from ray_jobs.models.model import Model
from tests.ray_jobs.tiny import MODEL, VOCABULARY


def network(**settings: object) -> nn.Module:
    torch.manual_seed(1)
    built = Model.parse(MODEL | settings).build(vocabulary=VOCABULARY, context=64)
    for weight in built.parameters():  # none at zero, or a wrong mask could hide
        nn.init.normal_(weight, std=0.3)
    return built


@pytest.mark.parametrize("key_heads", [4, 2, 1])
@pytest.mark.parametrize("tied", [True, False])
def test_a_packed_row_gives_each_document_the_logits_it_has_alone(key_heads, tied):
    net = network(key_heads=key_heads, tied=tied)
    ids = torch.randint(VOCABULARY, (1, 40))
    cuts = (0, 7, 8, 29, 40)
    documents = torch.zeros(1, 40, dtype=torch.int32)
    for i, (start, stop) in enumerate(itertools.pairwise(cuts)):
        documents[:, start:stop] = i
    packed = net(ids, documents)
    alone = [net(ids[:, start:stop]) for start, stop in itertools.pairwise(cuts)]
    assert torch.allclose(packed, torch.cat(alone, dim=1), atol=1e-5)


def test_a_packed_row_gives_the_gradients_of_its_documents_alone():
    net = network()
    ids = torch.randint(VOCABULARY, (1, 20))
    documents = (torch.arange(20) >= 11).int()[None]
    weight = net.get_parameter("layers.0.self_attn.q_proj.weight")
    (packed,) = torch.autograd.grad(net(ids, documents).square().sum(), weight)
    parts = net(ids[:, :11]).square().sum() + net(ids[:, 11:]).square().sum()
    (alone,) = torch.autograd.grad(parts, weight)
    assert torch.allclose(packed, alone, rtol=1e-4, atol=1e-3 * alone.abs().max().item())


def test_later_tokens_change_nothing_before_them():
    net = network()
    ids = torch.randint(VOCABULARY, (1, 16))
    other = ids.clone()
    other[:, 10:] = (other[:, 10:] + 1) % VOCABULARY
    assert torch.equal(net(ids)[:, :10], net(other)[:, :10])


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValidationError, match="does not divide into 3 heads"):
        Decoder(width=32, heads=3)
    with pytest.raises(ValidationError, match="no multiple of key_heads 3"):
        Decoder(width=32, heads=4, key_heads=3)


def test_a_recipe_parses_without_torch():
    code = (
        "import sys, ray_jobs.models.decoder, ray_jobs.launch\n"
        "print({'torch', 'ray'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
