"""SHA-256 of many short rows at once, and the sum of the hashes (FIPS 180-4, NIST 2015).

A hash from Python costs a microsecond however short the row is. Here rows of equal length are
hashed side by side, one in each lane, by arithmetic that a compiler turns into vector instructions.
"""

import hashlib
from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, part
from pipeline.eight_bytes import highest_first

Array = np.ndarray[Any, Any]

LANES = 32  # rows side by side
_D, _E, _F, _G, _H = (letter * LANES for letter in range(3, 8))  # where their lanes begin
BLOCK = 64  # bytes
HASH = 32  # bytes
LONG = 1024  # bytes: from here on the processor's own instructions, called from Python, are faster
_NEXT = np.uint64(LANES)  # from a word of a row to its next
_ALL, _END = np.uint64(2**64 - 1), np.uint64(2**63)  # all bits; the one that ends a row
TRAILER = 9  # bytes at least that follow a row: the bit that ends it, and its length

# The first 32 bits of the fractional parts of the square roots of the first 8 primes.
_FIRST = np.array(
    [
        *(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A),
        *(0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19),
    ],
    np.uint32,
)
# The same of the cube roots of the first 64 primes.
_ROUNDS = np.array(
    [
        *(0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4),
        *(0xAB1C5ED5, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE),
        *(0x9BDC06A7, 0xC19BF174, 0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F),
        *(0x4A7484AA, 0x5CB0A9DC, 0x76F988DA, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7),
        *(0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967, 0x27B70A85, 0x2E1B2138, 0x4D2C6DFC),
        *(0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85, 0xA2BFE8A1, 0xA81A664B),
        *(0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070, 0x19A4C116),
        *(0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3),
        *(0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7),
        0xC67178F2,
    ],
    np.uint32,
)


def hashes_of(data: Array, starts: Array, sizes: Array) -> Array:
    """The SHA-256 of rows, (n, 32) uint8.

    Args:
        data: the bytes of all rows, uint8.
        starts: where each begins, (n,) int64.
        sizes: how long each is, (n,) int64.
    """
    return np.asarray(_words_of(data, starts, sizes).byteswap().view(np.uint8))


def sum_of_hashes(data: Array, starts: Array, sizes: Array) -> int:
    """The sum of the SHA-256 of rows, each taken as a number; see `hashes_of` and `sum_of`."""
    return _sum(_words_of(data, starts, sizes))


def sum_of(hashes: Array) -> int:
    """The sum of hashes, (n, 32) uint8, each taken as a number, the largest byte first."""
    return _sum(np.ascontiguousarray(hashes).view(">u4"))


def _sum(words: Array) -> int:
    total = words.sum(axis=0, dtype=np.uint64).tolist()
    return sum(int(word) << (32 * place) for place, word in enumerate(reversed(total)))


def _words_of(data: Array, starts: Array, sizes: Array) -> Array:
    """The eight words of each row's hash, (n, 8) uint32."""
    order = np.argsort(sizes, kind="stable")
    short = int(np.searchsorted(sizes, LONG, sorter=order))
    words = np.empty((len(sizes), HASH // 4), np.uint32)
    _hash(data, starts, sizes, order[:short], words)
    whole, long = data.data, order[short:]
    places = zip(starts[long].tolist(), sizes[long].tolist(), strict=True)
    hashed = b"".join(hashlib.sha256(whole[at : at + size]).digest() for at, size in places)
    words[long] = np.frombuffer(hashed, ">u4").reshape(-1, HASH // 4)
    return words


@compiled
def _hash(data: Array, starts: Array, sizes: Array, order: Array, words: Array) -> None:
    """The eight words of the hash of each row in `order`, which is that of length, to its place."""
    state = np.empty(8 * LANES, np.uint32)  # flat, so that a compiler sees what lies apart
    letters = np.empty(8 * LANES, np.uint32)
    block = np.zeros(64 * LANES, np.uint32)
    for first in range(0, len(order), LANES):
        rows = order[first : first + LANES]
        _begin(state)
        for number in range(_blocks(sizes[rows[-1]])):
            for lane in range(len(rows)):
                row = rows[lane]
                _load(block, lane, data, starts[row], sizes[row], number)
            _compress(state, block, letters)
            for lane in range(len(rows)):
                if _blocks(sizes[rows[lane]]) == number + 1:
                    for word in range(8):
                        words[rows[lane], word] = state[word * LANES + lane]


@part
def _begin(state: Array) -> None:
    for word in range(8):
        for lane in range(LANES):
            state[word * LANES + lane] = _FIRST[word]


@part
def _blocks(size: int) -> int:
    return (size + TRAILER + BLOCK - 1) // BLOCK


@inlined
def _load(words: Array, lane: int, data: Array, start: int, size: int, block: int) -> None:
    """The sixteen words of a row's block; a row that has ended may leave anything."""
    at = block * BLOCK
    place = np.uint64(lane)
    for pair in range(8):
        here = at + 8 * pair
        left = size - here
        value = np.uint64(0)
        if left >= 8:
            value = highest_first(data, start + here)
        elif left >= 0:
            value = _last_bytes(data, start + here, left)
        words[place] = np.uint32(value >> np.uint64(32))
        words[place + _NEXT] = np.uint32(value)
        place += _NEXT + _NEXT
    if at + BLOCK >= size + TRAILER:
        words[14 * LANES + lane] = np.uint32((8 * size) >> 32)
        words[15 * LANES + lane] = np.uint32((8 * size) & 0xFFFFFFFF)


@inlined
def _last_bytes(data: Array, at: int, left: int) -> np.uint64:
    """The last `left` bytes of a row, fewer than eight, and behind them the bit that ends it."""
    value, shift = np.uint64(0), np.uint64(8 * left)
    if at + 8 <= len(data):  # all at once, and none of what follows
        value = highest_first(data, at) & ~(_ALL >> shift)
    else:
        for k in range(left):
            value |= np.uint64(data[at + k]) << np.uint64(56 - 8 * k)
    return np.uint64(value | (_END >> shift))


@part
def _compress(state: Array, words: Array, letters: Array) -> None:
    """One block of each lane, from its sixteen words; `letters` is for a to h."""
    _extend(words)
    for place in range(8 * LANES):
        letters[place] = state[place]
    for t in range(0, 64, 8):  # after eight rounds each letter is in its place again
        for i in range(LANES):
            a, b, c, d = letters[i], letters[LANES + i], letters[2 * LANES + i], letters[_D + i]
            e, f, g, h = letters[_E + i], letters[_F + i], letters[_G + i], letters[_H + i]
            at = t * LANES + i
            d, h = _round(a, b, c, d, e, f, g, h, _ROUNDS[t], words[at])
            c, g = _round(h, a, b, c, d, e, f, g, _ROUNDS[t + 1], words[at + LANES])
            b, f = _round(g, h, a, b, c, d, e, f, _ROUNDS[t + 2], words[at + 2 * LANES])
            a, e = _round(f, g, h, a, b, c, d, e, _ROUNDS[t + 3], words[at + 3 * LANES])
            h, d = _round(e, f, g, h, a, b, c, d, _ROUNDS[t + 4], words[at + 4 * LANES])
            g, c = _round(d, e, f, g, h, a, b, c, _ROUNDS[t + 5], words[at + 5 * LANES])
            f, b = _round(c, d, e, f, g, h, a, b, _ROUNDS[t + 6], words[at + 6 * LANES])
            e, a = _round(b, c, d, e, f, g, h, a, _ROUNDS[t + 7], words[at + 7 * LANES])
            letters[i], letters[LANES + i], letters[2 * LANES + i], letters[_D + i] = a, b, c, d
            letters[_E + i], letters[_F + i], letters[_G + i], letters[_H + i] = e, f, g, h
    for place in range(8 * LANES):
        state[place] += letters[place]


@inlined
def _round(
    a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any, constant: Any, word: Any
) -> tuple[Any, Any]:
    """What a round makes of the letters d and h."""
    mixed = (_turn(e, 6) ^ _turn(e, 11) ^ _turn(e, 25)) + (g ^ (e & (f ^ g)))
    one = np.uint32(h + mixed + constant + word)
    mixed = (_turn(a, 2) ^ _turn(a, 13) ^ _turn(a, 22)) + ((a & b) ^ (c & (a ^ b)))
    return np.uint32(d + one), np.uint32(one + mixed)


@part
def _extend(words: Array) -> None:
    """The 48 words that follow from the first sixteen."""
    for t in range(16, 64):
        for i in range(t * LANES, (t + 1) * LANES):
            x, y = words[i - 15 * LANES], words[i - 2 * LANES]
            small = _turn(x, 7) ^ _turn(x, 18) ^ (x >> np.uint32(3))
            large = _turn(y, 17) ^ _turn(y, 19) ^ (y >> np.uint32(10))
            words[i] = np.uint32(words[i - 16 * LANES] + small + words[i - 7 * LANES] + large)


@inlined
def _turn(x: Any, by: int) -> Any:
    """A word with its bits turned to the right."""
    return np.uint32((x >> np.uint32(by)) | (x << np.uint32(32 - by)))
