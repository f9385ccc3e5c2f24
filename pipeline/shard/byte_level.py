"""Which tokenizers our own loops can encode with: byte-level BPE, read from a tokenizer.json."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import orjson

from pipeline.shard.cuts import pattern_of
from pipeline.shard.merges import merges_of
from pipeline.shard.word_table import words_of
from pipeline.shard.words import Model

WIDEST = 2**16 - 4  # bytes of a token, which may count three more of the next one's character


def model_of(tokenizer: str, end: int) -> Model | None:
    """The model in a tokenizer.json; None where it has what the loops do not know.

    They know byte-level BPE of GPT-2's family, Llama 3's included, without a normaliser and without
    added tokens that a text may spell. `end` is the id to put behind every document.
    """
    config = orjson.loads(tokenizer)
    model = config["model"]
    pattern = pattern_of(config["pre_tokenizer"])
    if pattern is None or not (_is_plain(config) and _is_plain_bpe(model)):
        return None
    vocabulary: dict[str, int] = model["vocab"]
    if any(each not in vocabulary for each in letters()):
        return None
    merges = merges_of([vocabulary[each] for each in letters()], model["merges"], vocabulary)
    if merges is None:
        return None
    numbers = np.fromiter(vocabulary.values(), np.int64, len(vocabulary))
    widths = np.zeros(numbers.max() + 1, np.int64)
    widths[numbers] = np.fromiter(map(len, vocabulary), np.int64, len(vocabulary))
    if widths.max() > WIDEST:
        return None
    whole = vocabulary if model.get("ignore_merges") else {}
    return Model(
        pattern,
        merges,
        words_of((spelled(token), number) for token, number in whole.items()),
        widths,
        end,
    )


def _is_plain(config: dict[str, Any]) -> bool:
    return config["normalizer"] is None and all(each["special"] for each in config["added_tokens"])


def _is_plain_bpe(model: dict[str, Any]) -> bool:
    unusual = ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback")
    return model.get("type") == "BPE" and not any(model.get(each) for each in unusual)


@cache
def letters() -> tuple[str, ...]:
    """The character that stands for each byte in the tokens of byte-level BPE, (256,).

    Source:
        Radford et al., 2019 (GPT-2): printable bytes stand for themselves, the others for the
        characters from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    of_byte = {byte: chr(byte) for byte in printable}
    of_byte |= {byte: chr(0x100 + number) for number, byte in enumerate(others)}
    return tuple(of_byte[byte] for byte in range(256))


def spelled(token: str) -> bytes:
    """The bytes of a token; none, where it holds a character that stands for no byte."""
    table = {letter: byte for byte, letter in enumerate(letters())}
    found = [table.get(letter, -1) for letter in token]
    return b"" if -1 in found else bytes(found)
