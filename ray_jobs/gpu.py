"""What a GPU needs to give the same bits each time, and to be used well."""

import os
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from pipeline.cache_folder import cache_folder
from ray_jobs.errors import NoCompiler

MOST_TOKENS = 65_536  # through a network at once; more are not faster
# A weight, its gradient, an optimizer's two moments, and what workers send each other, in float32;
# and the weight as it is multiplied.
STATE_BYTES = 22
SHARE = 0.8  # of what is left for activations; the rest is scratch


def make_repeatable() -> None:
    """Have this process use only kernels that give the same bits each time, in any process.

    What is compiled lies in this user's cache: by default Torch loads it from a folder in /tmp that
    anybody could have made.

    Raises:
        NoCompiler: there is nothing that compiles the launchers of kernels.
    """
    from torch._inductor import config as inductor  # takes seconds

    named = os.environ.get("CC")
    compilers = (named,) if named else ("gcc", "clang")
    headers = Path(sysconfig.get_path("include"), "Python.h")
    if not any(map(shutil.which, compilers)) or not headers.exists():
        raise NoCompiler(" or ".join(compilers), headers=headers)
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "torch"))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before the first product
    torch.use_deterministic_algorithms(True)
    inductor.deterministic = True  # no kernel is chosen by how long it took


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


def tokens_that_fit(network: nn.Module, *, memory: int, bytes_each: int) -> int:
    """How many tokens may go through a network at once in training: a power of two.

    What is kept for the way back is about what each matrix takes and gives. Measured with GPT-2's
    124 million weights, 65,536 tokens and bfloat16: 30 GiB by this sum, 34 in truth.

    Args:
        network: its weights, and the matrices among its modules.
        memory: bytes of the GPU.
        bytes_each: of a number that is kept.
    """
    weights = STATE_BYTES * sum(weight.numel() for weight in network.parameters())
    matrices = [module for module in network.modules() if isinstance(module, nn.Linear)]
    token = bytes_each * sum(matrix.in_features + matrix.out_features for matrix in matrices)
    fitting = max(1, int(SHARE * (memory - weights) / max(1, token)))
    return min(MOST_TOKENS, 1 << (fitting.bit_length() - 1))
