"""Bands: signatures cut into pieces; texts that agree in a piece are worth comparing.

Most texts agree with no other. A key for each band is all that has to be read and held to know
them: they stay, whatever they say. Of the others more is read.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled

_PRIME = np.uint64(0x9E3779B97F4A7C15)  # odd: the multiplication loses nothing
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def band_keys(signatures: NDArray[np.uint32], rows: int) -> NDArray[np.uint64]:
    """A key of every band of every text, (d, bands), from (d, bands * rows).

    Two texts that agree in a band have one key there. Others that have one cost a comparison, and
    no mistake.
    """
    return _band_keys(signatures, np.full(rows, _PRIME).cumprod(dtype=np.uint64))


def in_company(keys: NDArray[np.uint64], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which texts share a key with another in some band.

    Args:
        keys: (bands, texts).
        among: which of the texts count, (texts,); the others are nobody's company.

    Returns:
        Of those that count, in order.
    """
    found = np.zeros(np.count_nonzero(among), np.bool_)
    for band in keys:
        first = _firsts(band[among])
        later = first != np.arange(len(first))
        found |= later
        found[first[later]] = True
    return found


def buckets(keys: NDArray[np.uint64], texts: NDArray[np.int64]) -> NDArray[np.int32]:
    """For every text and band the number of its bucket: those who share it have one key there.

    Args:
        keys: (bands, all texts).
        texts: those that are meant, (d,).

    Returns:
        (d, bands), numbered from 0 over all bands; -1 where nobody else is in the bucket.
    """
    found = np.empty((len(texts), len(keys)), np.int32)
    after = 0
    for band, of_all in enumerate(keys):
        members = _firsts(of_all[texts])  # band by band: never all keys twice
        shared = np.bincount(members) > 1
        numbers = np.where(shared, np.cumsum(shared) - 1 + after, -1)
        found[:, band] = numbers[members]
        after += int(shared.sum())
    return found


@compiled
def _firsts(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For every text the first with its key, (d,)."""
    bits = 10
    while 1 << bits < 2 * len(keys):
        bits += 1
    table = np.zeros(1 << bits, np.uint64)  # half of a key, and its text, from 1
    found = np.empty(len(keys), np.int64)
    for text in range(len(keys)):
        key = keys[text]
        place = (key * _PRIME) >> np.uint64(64 - bits)
        wanted = key << _HALF
        first = np.int64(text)
        while table[place]:
            other = np.int64(table[place] & _LOW) - 1
            if table[place] & ~_LOW == wanted and keys[other] == key:
                first = other
                break
            place = (place + np.uint64(1)) & np.uint64((1 << bits) - 1)
        found[text] = first
        if first == text:
            table[place] = wanted | np.uint64(text + 1)
    return found


@compiled
def _band_keys(signatures: NDArray[np.uint32], factors: NDArray[np.uint64]) -> NDArray[np.uint64]:
    rows = len(factors)
    found = np.empty((len(signatures), signatures.shape[1] // rows), np.uint64)
    for text in range(len(found)):
        for band in range(found.shape[1]):
            key = np.uint64(0)
            for row in range(rows):
                key += np.uint64(signatures[text, band * rows + row]) * factors[row]
            found[text, band] = (key ^ (key >> np.uint64(29))) * _PRIME
    return found
