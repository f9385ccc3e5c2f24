"""Which of the documents that say the same stays."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.column import DOC_ID

Keep: TypeAlias = Literal["longest", "first", "newest"]

# Each ends with what no two different records share, so that nothing is left to chance.
_PREFERENCE: dict[str, list[tuple[str, str]]] = {
    "longest": [("letters", "descending")],
    "first": [("window", "ascending")],
    "newest": [("window", "descending")],
}
_TIES = [("url", "ascending"), (DOC_ID, "ascending")]


class Choice(NamedTuple):
    """For every record, (records,) each.

    Attributes:
        kept: the record that stays in its place; itself, where it stays.
        similarity: to the record that stays, estimated; 1 where the texts are equal.
        exact: its text is the same as that of the record that stays.
    """

    kept: NDArray[np.int64]
    similarity: NDArray[np.float32]
    exact: NDArray[np.bool_]


def choose(
    records: pa.Table,
    signatures: NDArray[np.uint32],
    *,
    keep: Keep,
    rows: int,
    threshold: float,
    widest: int,
) -> Choice:
    """Choose among records with equal or similar texts.

    Args:
        records: doc_id, url, window, text_sha256, letters, shingles; no nulls.
        signatures: (records, values).
        keep: whom to prefer.
        rows: values in a band.
        threshold: texts at least as similar as this say the same.
        widest: see `pairs.nearest_kept`.
    """
    from pipeline.dedup.bands import buckets
    from pipeline.dedup.pairs import KEPT, nearest_kept  # numba takes half a second to import

    order = pc.sort_indices(records, [*_PREFERENCE[keep], *_TIES]).to_numpy()
    hashes = records["text_sha256"].combine_chunks().take(order).dictionary_encode()
    _, first, text = np.unique(hashes.indices, return_index=True, return_inverse=True)
    # Texts are numbered as they come in the order of preference, so `first` ascends.
    worded = np.flatnonzero(records["shingles"].to_numpy()[order[first]])
    compared = signatures[order[first[worded]]]
    values = signatures.shape[1]
    instead, agreement = nearest_kept(
        compared,
        buckets(compared, rows),
        agreeing=max(1, int(np.ceil(threshold * values - 1e-9))),
        widest=widest,
    )
    resembles = np.arange(len(first))  # the text that stays in place of each text
    resembles[worded] = np.where(instead == KEPT, worded, worded[instead])
    similarity = np.ones(len(first), np.float32)
    similarity[worded] = agreement / np.float32(values)
    kept, likeness = np.empty(len(order), np.int64), np.empty(len(order), np.float32)
    same = np.empty(len(order), np.bool_)
    kept[order] = order[first[resembles[text]]]
    likeness[order], same[order] = similarity[text], resembles[text] == text
    return Choice(kept, likeness, same)
