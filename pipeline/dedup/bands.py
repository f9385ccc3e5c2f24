"""Bands: signatures cut into pieces; texts that agree in a piece are worth comparing."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.dedup.errors import UnevenBands

_PRIME = np.uint64(0x9E3779B97F4A7C15)  # odd: the multiplication loses nothing


def buckets(
    signatures: NDArray[np.uint32], signed: NDArray[np.int64], rows: int
) -> NDArray[np.int32]:
    """For every text and band the number of its bucket: those who share it agree in the band.

    Args:
        signatures: (records, bands * rows).
        signed: (d,): the signature of each text.
        rows: values in a band.

    Returns:
        (d, bands), numbered from 0 over all bands; -1 where nobody else is in the bucket.

    Raises:
        UnevenBands: `rows` does not divide the signatures' length.
    """
    values = signatures.shape[1]
    if values % rows:
        raise UnevenBands(values, rows=rows)
    found = np.empty((len(signed), values // rows), np.int32)
    after = 0
    for band in range(values // rows):
        keys = _keys(signatures[signed, band * rows : (band + 1) * rows])
        members = pa.array(keys).dictionary_encode().indices.to_numpy()
        counts = np.bincount(members)
        numbers = np.where(counts > 1, np.cumsum(counts > 1) - 1 + after, -1)
        found[:, band] = numbers[members]
        after = max(after, int(numbers.max(initial=-1)) + 1)
    return found


def _keys(values: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """A 64-bit key of every row. Two rows with one key cost a comparison, and no mistake."""
    keys = np.zeros(len(values), np.uint64)
    for column in values.T:
        keys = (keys ^ column) * _PRIME
        keys ^= keys >> np.uint64(29)
    return keys
