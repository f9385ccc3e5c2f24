"""Lines are told apart by keys that are what slow, obvious code makes of each."""

import hashlib
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.key_places import KEY
from pipeline.crawl.line_keys import LineKeys
from pipeline.crawl.piece_sums import PIECE, SUMS, WORDS

SEED = bytes(range(32))
SIZES = st.sampled_from([1, 7, 8, 9, 16, 300, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
LINES = st.lists(st.binary(min_size=1, max_size=40) | SIZES.map(lambda size: b"\xff" * size))


def keys(lines, seed=SEED):
    made = LineKeys(seed).of(b"".join(lines), np.cumsum(list(map(len, lines)), dtype=np.int64))
    return [made[at : at + KEY] for at in range(0, len(made), KEY)]


def slow_key(line, seed=SEED):
    numbers = halves(hashlib.shake_128(seed).digest(8 * (WORDS + SUMS - 1)))
    left = struct.pack("<Q", len(line))
    for at in range(0, len(line), PIECE):
        piece = line[at : at + PIECE]
        words = halves(piece + bytes(-len(piece) % 8))
        for number in range(SUMS):
            pairs = zip(words, numbers[number:], strict=False)
            products = (
                (low + one) % 2**32 * ((high + two) % 2**32) for (low, high), (one, two) in pairs
            )
            left += struct.pack("<Q", sum(products) % 2**64)
    return hashlib.sha256(left).digest()[:KEY]


def halves(content):
    return list(struct.iter_unpack("<II", content))


@given(LINES, st.binary(min_size=32, max_size=32))
def test_keys_are_what_slow_code_makes(lines, seed):
    assert keys(lines, seed) == [slow_key(line, seed) for line in lines]


@given(st.binary(max_size=3 * 8), SIZES, st.data())
def test_lines_that_differ_in_anything_have_different_keys(start, more, data):
    line = start + bytes(more)
    place = data.draw(st.integers(0, len(line) - 1))
    changed = line[:place] + bytes([line[place] ^ 1 << data.draw(st.integers(0, 7))])
    others = {
        line,
        line + b"\0",
        line[:-1] + b"\1",
        changed + line[place + 1 :],
        line + bytes(PIECE),
    }
    swapped = line[4:8] + line[:4] + line[8:]
    made = keys([*others, swapped])
    assert len({*made}) == len(others | {swapped})


def test_each_memory_draws_a_seed_of_its_own():
    assert LineKeys().seed != LineKeys().seed
    assert keys([b"line"]) != keys([b"line"], LineKeys().seed)
