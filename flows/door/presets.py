"""Sizes of the decoder that a training form offers; `recipe` means the recipe's own model.

Widths are multiples of 64 per head, hidden is 8/3 of the width, rounded up to 64, as in Llama
(Touvron et al., 2023, arXiv:2302.13971); the weights are those with a vocabulary of 8192.
"""

from typing import Any, Literal

Preset = Literal["recipe", "tiny", "small", "medium", "large"]

PRESETS: dict[str, dict[str, Any]] = {
    "tiny": {"layers": 2, "width": 128, "heads": 2, "key_heads": 2, "hidden": 384},  # 1.5 M
    "small": {"layers": 6, "width": 384, "heads": 6, "key_heads": 6, "hidden": 1024},  # 14 M
    "medium": {"layers": 12, "width": 768, "heads": 12, "key_heads": 4, "hidden": 2048},  # 82 M
    "large": {"layers": 24, "width": 1536, "heads": 24, "key_heads": 8, "hidden": 4096},  # 617 M
}


def settings_of(preset: str) -> dict[str, Any]:
    """A preset as a recipe writes it."""
    return {"kind": "decoder", **PRESETS[preset]}
