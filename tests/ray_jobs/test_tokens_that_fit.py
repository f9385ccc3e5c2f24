"""How many tokens go through a network at once on a GPU of some size."""

import pytest
import torch

from ray_jobs.gpu import tokens_that_fit
from ray_jobs.models.model import Model
from tests.benchmarks.gpu_training import CONTEXT, MODEL, VOCABULARY


@pytest.fixture(scope="module")
def network():
    with torch.device("meta"):  # sizes, and no numbers
        return Model.parse(MODEL).build(vocabulary=VOCABULARY, context=CONTEXT)


@pytest.mark.parametrize(
    ("gibibytes", "bytes_each", "tokens"),
    [(80, 2, 65_536), (24, 2, 32_768), (24, 4, 16_384), (3, 2, 512), (2, 2, 1), (1, 2, 1)],
)
def test_a_power_of_two_of_tokens_fits_beside_the_weights(network, gibibytes, bytes_each, tokens):
    memory = gibibytes * 2**30
    assert tokens_that_fit(network, memory=memory, bytes_each=bytes_each) == tokens
