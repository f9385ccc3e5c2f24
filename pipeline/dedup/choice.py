"""Which of the documents that say the same stays."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.dedup.records import Compared, Texts
from pipeline.dedup.shingling import Shingling
from pipeline.sites import Subject
from schemas.column import DOC_ID

Keep: TypeAlias = Literal["longest", "first", "newest"]

# Each ends with what no two different records share, so that nothing is left to chance.
_PREFERENCE: dict[str, list[tuple[str, str]]] = {
    "longest": [("letters", "descending")],
    "first": [("window", "ascending")],
    "newest": [("window", "descending")],
}
_RANK = "rank"
_TIES = [("url", "ascending"), (DOC_ID, "ascending")]


class Choice(NamedTuple):
    """For every record, (records,) each.

    Attributes:
        kept: the record that stays in its place; itself, where it stays.
        similarity: the Jaccard similarity of its shingles to those of the record that stays; 1
            where the texts are equal.
        exact: its text is the same as that of the record that stays.
    """

    kept: NDArray[np.int64]
    similarity: NDArray[np.float32]
    exact: NDArray[np.bool_]


class Alike(NamedTuple):
    """What makes two texts say the same; the fields of `Clusters`."""

    shingling: Shingling
    threshold: float
    widest: int


class Keys(NamedTuple):
    """Of some records the keys of their bands.

    Attributes:
        of_bands: of all texts, (bands, texts).
        places: where each record's text stands among these, (records,).
    """

    of_bands: NDArray[np.uint64]
    places: NDArray[np.int64]


def choose(
    compared: Compared,
    keys: Keys,
    texts: Texts,
    order: NDArray[np.int64],
    alike: Alike,
) -> Choice:
    """Choose among records with equal or similar texts.

    Args:
        compared: the records.
        keys: of their bands.
        texts: reads the redacted texts of records.
        order: the records, the preferred one first, see `preferred`.
        alike: when two texts say the same.
    """
    from pipeline.dedup.bands import buckets
    from pipeline.dedup.pairs import KEPT, nearest_kept, resembling  # numba: half a second
    from pipeline.dedup.sets import read_sets

    records, signatures = compared
    hashes = records["text_sha256"].combine_chunks().take(order).dictionary_encode()
    _, first, text = np.unique(hashes.indices, return_index=True, return_inverse=True)
    # Texts are numbered as they come in the order of preference, so `first` ascends.
    counts = records["shingles"].to_numpy()[order[first]].astype(np.int64)
    worded = np.flatnonzero(counts)
    signed = order[first[worded]]
    shared = buckets(keys.of_bands, keys.places[signed])
    alone = ~resembling(signatures, signed, shared, threshold=alike.threshold)
    instead, likeness = nearest_kept(
        signatures,
        signed,
        shared,
        read_sets(texts, signed, np.where(alone, 0, counts[worded]), alike.shingling),
        threshold=alike.threshold,
        widest=alike.widest,
    )
    resembles = np.arange(len(first))  # the text that stays in place of each text
    resembles[worded] = np.where(instead == KEPT, worded, worded[instead])
    of_text = np.ones(len(first), np.float32)
    of_text[worded] = likeness
    kept, similarity = np.empty(len(order), np.int64), np.empty(len(order), np.float32)
    same = np.empty(len(order), np.bool_)
    kept[order] = order[first[resembles[text]]]
    similarity[order], same[order] = of_text[text], resembles[text] == text
    return Choice(kept, similarity, same)


def preferred(records: pa.Table, keep: Keep, before: tuple[str, ...]) -> NDArray[np.int64]:
    """The records, (records,), the one to be kept first.

    Args:
        records: doc_id, url, source, window, letters; no nulls.
        keep: whom to prefer among those of one rank.
        before: sources, and domains with their subdomains; records of an earlier one rank higher,
            those of none come last.
    """
    rank = np.full(len(records), len(before), np.int64)
    start = 0
    for batch in records.select(["url", "source"]).to_batches():
        part = rank[start : start + len(batch)]
        for place in reversed(range(len(before))):
            named = Subject.domain(before[place]).mask(batch["url"])
            meant = pc.or_(pc.equal(batch["source"], before[place]), named)
            part[meant.to_numpy(zero_copy_only=False)] = place
        start += len(batch)
    ranked = records.append_column(_RANK, pa.array(rank))
    order = [(_RANK, "ascending"), *_PREFERENCE[keep], *_TIES]
    return np.asarray(pc.sort_indices(ranked, order).to_numpy(), np.int64)
