"""What a GPU needs to give the same bits each time, and to be used well."""

import os
import shutil
from collections.abc import Iterator

import torch
from torch import nn

from ray_jobs.errors import NoCompiler

MOST_TOKENS = 65_536  # through a network at once; more are not faster
STATE_BYTES = 16  # a weight, its gradient and an optimizer's two moments, in float32
SHARE = 0.8  # of what is left for activations; the rest is scratch


def make_repeatable() -> None:
    """Have this process use only kernels that give the same bits each time.

    Raises:
        NoCompiler: there is nothing that compiles the starters of kernels.
    """
    if not any(map(shutil.which, filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")))):
        raise NoCompiler
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before the first product
    torch.use_deterministic_algorithms(True)


def compile_layers(network: nn.Module) -> None:
    """Have each layer of a network run as kernels of its own, compiled at its first use.

    Layers in a list are alike, so that all of them cost one compilation; a network without such
    lists is compiled as a whole.
    """
    for part in list(_layers(network)) or [network]:
        part.compile(dynamic=False)


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    for module in network.modules():
        if isinstance(module, nn.ModuleList):
            yield from module


def tokens_that_fit(network: nn.Module, *, memory: int, number: int) -> int:
    """How many tokens may go through a network at once in training: a power of two.

    What is kept for the way back is about what each matrix takes and gives. Measured with GPT-2's
    124 million weights, 65,536 tokens and bfloat16: 28.4 GiB by this sum, 27.5 in truth.

    Args:
        network: its weights, and the matrices among its modules.
        memory: bytes of the GPU.
        number: bytes of each number that is kept.
    """
    weights = STATE_BYTES * sum(weight.numel() for weight in network.parameters())
    matrices = [module for module in network.modules() if isinstance(module, nn.Linear)]
    token = number * sum(matrix.in_features + matrix.out_features for matrix in matrices)
    fitting = int(SHARE * (memory - weights) / max(1, token))
    return min(MOST_TOKENS, 1 << max(0, fitting.bit_length() - 1))
