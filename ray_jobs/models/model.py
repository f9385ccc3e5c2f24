"""What a model is to a recipe: settings that know which network they build."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pipeline.block import Block

if TYPE_CHECKING:
    from torch import nn


class Model(Block):
    """Settings of a network. A new model is a file here and a file in `ray_jobs/networks`.

    A network takes token ids, (B, T), and which document of its row each token belongs to, also
    (B, T), or None where all belong to one; it gives logits, (B, T, vocabulary). On a GPU the
    members of its `nn.ModuleList`s are compiled, which pays where they are alike, and each
    operation needs a kernel that repeats its bits (`torch.use_deterministic_algorithms`).
    """

    home: ClassVar[str] = "ray_jobs.models"
    network: ClassVar[str]  # `module:Class`, imported only when the network is built

    def build(self, *, vocabulary: int, context: int) -> nn.Module:
        """The network with fresh weights, drawn from Torch's generator.

        Args:
            vocabulary: how many ids the tokenizer has.
            context: the most tokens it is trained to look at.
        """
        module, _, name = self.network.partition(":")
        network: nn.Module = getattr(importlib.import_module(module), name)(
            self, vocabulary=vocabulary, context=context
        )
        return network

    @abstractmethod
    def exported(self, *, vocabulary: int, context: int) -> dict[str, Any]:
        """The `config.json` under which `transformers` loads the network's weights."""
