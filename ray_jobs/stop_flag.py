"""A stop that all workers heed at the same step, though only the first one looks for it.

What it says has to reach the others, and a message at each step costs as much as a small gradient.
So it goes with the gradients, which all workers send each other at every step anyhow: the flag is
one more weight of the network, and its gradient on the first worker is 1 once somebody has asked
to stop. Added up over the workers it is above 0 on all of them, or on none.
"""

import torch
from torch import Tensor, nn


class Flagged(nn.Module):
    """A network, and a weight beside it that stays 0 and that no optimizer knows."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.flag = nn.Parameter(torch.zeros(()))

    def forward(self, *inputs: Tensor | None) -> Tensor:
        """What the network says."""
        said: Tensor = self.network(*inputs)
        return said

    def lower(self) -> None:
        """Forget what was said at the step before."""
        self.flag.grad = None

    def beside(self, loss: Tensor, *, stop: bool) -> Tensor:
        """The same loss, with the flag's gradient as far as this worker knows: 1 or 0."""
        return loss + self.flag * float(stop)

    @property
    def raised(self) -> bool:
        """Whether any worker said stop, once the gradients are exchanged; alike on all of them."""
        return self.flag.grad is not None and bool(self.flag.grad.item() > 0)
