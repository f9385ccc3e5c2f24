"""Attention within documents, from every token to itself and those before it.

On a processor who may look at whom is a mask of all pairs. On a GPU it is a sparse one, of squares
of pairs: its kernels pass over squares that nobody may look at, and its gradients are the same bits
each time (Dong et al., 2024, arXiv:2412.05496).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

NARROWEST = 16  # numbers of the narrowest head that those kernels take
# Rows of fewer than 128 tokens would go to a kernel made for generation, which gave wrong numbers
# where queries share keys (seen with Torch 2.11); this one is right for them as well.
KERNEL: Any = {"FORCE_USE_FLEX_ATTENTION": True}

Seen = Tensor | BlockMask | None  # (B, 1, T, T), or sparse; None: all tokens before


def who_sees_whom(documents: Tensor | None, *, head_width: int) -> Seen:
    """Who may look at whom.

    Args:
        documents: (B, T), which document of its row a token belongs to; None: all to one.
        head_width: numbers a head.
    """
    if documents is None:
        return None
    if documents.device.type == "cuda" and head_width >= NARROWEST:
        return sparse_document_mask(documents)
    return document_mask(documents) if documents.any() else None


def attend(q: Tensor, k: Tensor, v: Tensor, seen: Seen) -> Tensor:
    """What each token takes from those it looks at, (B, heads, T, head_width).

    A sparse mask is quick only in a layer that is compiled (`ray_jobs.gpu.compile_layers`).

    Args:
        q: (B, heads, T, head_width).
        k: (B, key_heads, T, head_width); each serves as many heads of `q`.
        v: as `k`.
        seen: who looks at whom, from `who_sees_whom`.
    """
    shared = q.shape[1] != k.shape[1]
    if isinstance(seen, BlockMask):
        found: Tensor = flex_attention(
            q, k, v, block_mask=seen, enable_gqa=shared, kernel_options=KERNEL
        )
        return found
    return functional.scaled_dot_product_attention(
        q, k, v, seen, is_causal=seen is None, enable_gqa=shared
    )


def document_mask(documents: Tensor) -> Tensor:
    """Who may look at whom: (B, 1, T, T), true for earlier tokens of the same document."""
    length = documents.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
    same = documents[:, :, None] == documents[:, None, :]
    return (same & causal)[:, None]


def sparse_document_mask(documents: Tensor) -> BlockMask:
    """The same as squares of pairs, those that nobody looks at left out."""
    rows, length = documents.shape

    def within(row: Tensor, head: Tensor, looking: Tensor, seen: Tensor) -> Tensor:
        return (looking >= seen) & (documents[row, looking] == documents[row, seen])

    return _block_maker()(within, rows, None, length, length, device=documents.device)


@cache
def _block_maker() -> Callable[..., BlockMask]:
    """Compiled at its first use: even to ask for it takes seconds, which only a GPU repays."""
    return torch.compile(create_block_mask, dynamic=False)
