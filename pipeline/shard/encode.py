"""Texts to token ids, and where in the text each token starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.shard.errors import NoEndToken

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Encoder


class Encoded(NamedTuple):
    """A document's tokens.

    Attributes:
        ids: (n + 1,) with the end token behind them.
        bytes: (n + 2,) where each token starts in the text's UTF-8, and twice where that ends. A
            token that starts inside a character counts from the start of that character.
    """

    ids: NDArray[np.uint32]
    bytes: NDArray[np.int32]


def end_id(encoder: Encoder, end: str) -> int:
    """The id of the token that ends documents.

    Raises:
        NoEndToken: the tokenizer has none of that name.
    """
    found = encoder.token_to_id(end)
    if found is None:
        added = encoder.get_added_tokens_decoder().values()
        raise NoEndToken(end, specials=[token.content for token in added if token.special])
    return found


def encode(encoder: Encoder, texts: Sequence[str], *, end: int) -> list[Encoded]:
    """Encode documents; what looks like a special token in a text is encoded as text."""
    encodings = encoder.encode_batch(texts, add_special_tokens=False)
    return [
        _encoded(text, encoding.ids, encoding.offsets, end)
        for text, encoding in zip(texts, encodings, strict=True)
    ]


def _encoded(text: str, ids: list[int], offsets: list[tuple[int, int]], end: int) -> Encoded:
    content = np.frombuffer(text.encode(), np.uint8)
    starts = np.flatnonzero((content & 0xC0) != 0x80)  # of characters, in bytes
    starts = np.append(starts, len(content))
    characters = np.fromiter((start for start, _ in offsets), np.int64, len(offsets))
    places = np.concatenate([starts[characters], [len(content)] * 2]).astype(np.int32)
    places[0] = 0  # what a tokenizer leaves out before the first token belongs to it
    return Encoded(np.array([*ids, end], np.uint32), places)
