"""A decoder of Llama's shape in plain Torch, whose weights bear the names that Llama's bear.

Touvron et al., 2023, arXiv:2302.13971; grouped queries: Ainslie et al., 2023, arXiv:2305.13245.
Rows are packed: several documents may share one, and none sees another.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ray_jobs.models.decoder import Decoder as Settings
from ray_jobs.networks.attention import Seen, attend, who_sees_whom


class Attention(nn.Module):
    """Causal attention within a document."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.heads, self.key_heads = settings.heads, settings.key_heads
        self.head_width = settings.width // settings.heads
        keys = self.key_heads * self.head_width
        self.q_proj = nn.Linear(settings.width, settings.width, bias=False)
        self.k_proj = nn.Linear(settings.width, keys, bias=False)
        self.v_proj = nn.Linear(settings.width, keys, bias=False)
        self.o_proj = nn.Linear(settings.width, settings.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Seen) -> Tensor:
        """(B, T, width) to the same."""
        rows, length, width = x.shape
        split = (rows, length, -1, self.head_width)
        q = rotate(self.q_proj(x).view(split).transpose(1, 2), *turn)  # (B, heads, T, head_width)
        k = rotate(self.k_proj(x).view(split).transpose(1, 2), *turn)
        v = self.v_proj(x).view(split).transpose(1, 2)
        mixed = attend(q, k, v, seen)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(rows, length, width))
        return out


class FeedForward(nn.Module):
    """SwiGLU (Shazeer, 2020, arXiv:2002.05202)."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(settings.width, settings.hidden, bias=False)
        self.up_proj = nn.Linear(settings.width, settings.hidden, bias=False)
        self.down_proj = nn.Linear(settings.hidden, settings.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, width) to the same."""
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Layer(nn.Module):
    """Attention, then the feed-forward part, each added to what came in."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(settings.width, settings.norm_epsilon)
        self.self_attn = Attention(settings)
        self.post_attention_layernorm = nn.RMSNorm(settings.width, settings.norm_epsilon)
        self.mlp = FeedForward(settings)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Seen) -> Tensor:
        """(B, T, width) to the same."""
        x = x + self.self_attn(self.input_layernorm(x), turn, seen)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Decoder(nn.Module):
    """Token ids in, the logits of the next token out."""

    def __init__(self, settings: Settings, *, vocabulary: int, context: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, settings.width)
        self.layers = nn.ModuleList(Layer(settings) for _ in range(settings.layers))
        self.norm = nn.RMSNorm(settings.width, settings.norm_epsilon)
        self.lm_head = nn.Linear(settings.width, vocabulary, bias=False)
        self._draw(settings)
        if settings.tied:
            self.lm_head.weight = self.embed_tokens.weight
        self.head_width = settings.width // settings.heads
        cos, sin = rotary_tables(self.head_width, context, settings.rope_base)
        self.cos: Tensor
        self.sin: Tensor
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, ids: Tensor, documents: Tensor | None = None) -> Tensor:
        """The logits after every token.

        Args:
            ids: (B, T) token ids.
            documents: (B, T), which document of its row a token belongs to; None where every row
                is one document. Positions need not start again at each document: rotary
                attention sees distances only.

        Returns:
            (B, T, vocabulary).
        """
        length = ids.shape[1]
        turn = (self.cos[:length], self.sin[:length])
        seen = who_sees_whom(documents, head_width=self.head_width)
        x = self.embed_tokens(ids)  # (B, T, width)
        for layer in self.layers:
            x = layer(x, turn, seen)
        logits: Tensor = self.lm_head(self.norm(x))
        return logits

    def _draw(self, settings: Settings) -> None:
        """Fresh weights; what a layer adds starts at nothing, so depth does no harm at first."""
        for name, weight in self.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.zeros_(weight)
            elif name.endswith("_proj.weight"):
                nn.init.normal_(weight, std=settings.width**-0.5)
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)


def rotary_tables(head_width: int, context: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (context, head_width) each (Su et al., 2021, arXiv:2104.09864)."""
    speeds = base ** (-torch.arange(0, head_width, 2, dtype=torch.float32) / head_width)
    angles = torch.outer(torch.arange(context, dtype=torch.float32), speeds).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the two halves of each head, (B, heads, T, head_width), by its token's position."""
    low, high = x.chunk(2, dim=-1)
    return x * cos.to(x.dtype) + torch.cat((-high, low), dim=-1) * sin.to(x.dtype)
