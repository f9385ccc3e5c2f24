"""How weights move: Muon for hidden matrices, AdamW for the rest, and the learning rate's way."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from schemas.jobs import PretrainJob

# The coefficients of five quintic Newton-Schulz steps, each the best for where the singular
# values stand by then: Amsel et al., 2025, arXiv:2505.16932 (Polar Express), with their 1 %
# safety and cushion .02.
POLAR_EXPRESS = (
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
    (2.3465413258596377, -1.7097828382687081, 0.42323551169305323),
)
MOMENTUM = 0.95


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal, matrices of one shape together.

    Jordan et al., 2024, kellerjordan.github.io/posts/muon. `torch.optim.Muon` takes the matrices
    one by one, which leaves small ones waiting.
    """

    def __init__(
        self, weights: Iterable[Tensor], *, lr: float, weight_decay: float, dtype: torch.dtype
    ) -> None:
        super().__init__(list(weights), {"lr": lr, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # torch overloads it
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    shapes[weight.shape].append(weight)
            for weights in shapes.values():
                self._move(weights, group["lr"], group["weight_decay"])

    def _move(self, weights: list[Tensor], lr: float, weight_decay: float) -> None:
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        momenta = [self._momentum(weight) for weight in weights]
        torch._foreach_lerp_(momenta, gradients, 1 - MOMENTUM)
        ahead = torch.stack(torch._foreach_lerp(gradients, momenta, MOMENTUM))  # Nesterov
        steps = orthogonal(ahead.to(self.dtype)).to(weights[0].dtype)
        rows, columns = weights[0].shape
        torch._foreach_mul_(weights, 1 - lr * weight_decay)
        torch._foreach_add_(weights, steps.unbind(), alpha=-lr * max(1, rows / columns) ** 0.5)

    def _momentum(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(weight)
        found: Tensor = state["momentum"]
        return found


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest matrices with all singular values near 1, (n, rows, columns)."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.02 + 1e-6)
    for a, b, c in POLAR_EXPRESS:
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def build_optimizers(
    network: nn.Module, job: PretrainJob, *, dtype: torch.dtype
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the matrices between embedding and head, AdamW for what remains.

    Args:
        network: the network whose weights move.
        job: learning rates and weight decay.
        dtype: what Muon multiplies in; bfloat16 where the processor is fast at it.
    """
    hidden = [w for name, w in network.named_parameters() if is_hidden(name, w)]
    others = [w for name, w in network.named_parameters() if not is_hidden(name, w)]
    adamw = torch.optim.AdamW(
        others, lr=job.peak_lr, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0, fused=True
    )
    optimizers: list[torch.optim.Optimizer] = [adamw]
    if hidden:
        optimizers.append(Muon(hidden, lr=job.muon_lr, weight_decay=job.weight_decay, dtype=dtype))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return tuple(optimizers)


def is_hidden(name: str, weight: Tensor) -> bool:
    """Whether Muon moves it: a matrix that is neither embedding nor head."""
    return weight.dim() == 2 and not any(part in name for part in ("embed", "head"))


def share_of_peak(job: PretrainJob, step: int) -> float:
    """The learning rate at `step` of its peak: a warm-up, a plateau, a straight way down.

    Hu et al., 2024, arXiv:2404.06395, section 4.
    """
    warmup, decay = job.warmup_share * job.steps, job.decay_share * job.steps
    rising = (step + 1) / warmup if warmup else 1.0
    falling = (job.steps - step) / decay if decay else 1.0
    return min(1.0, rising, falling)
