"""From the judgements of all rules to one verdict for each document."""

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.select.rule import Rule, Signals
from schemas.column import DOC_ID
from schemas.verdict import VERDICTS


def verdicts(
    rules: tuple[Rule, ...], signals: Signals, doc_id: pa.Array, there: pa.Array
) -> pa.Table:
    """The rows of `verdicts`.

    Args:
        rules: in the recipe's order; the first that drops a document is its reason.
        signals: the columns that the rules read, n values each.
        doc_id: n documents.
        there: n booleans; false or null where a document was quarantined before.

    Returns:
        n rows, `schemas.verdict.VERDICTS`; all null but the id where a document is not there.
    """
    here = there.fill_null(False).to_numpy(zero_copy_only=False)
    judgements = [rule.judge(signals) for rule in rules]
    drop = np.zeros((len(rules), len(doc_id)), bool)
    for row, judgement in enumerate(judgements):
        drop[row] = judgement.drop.fill_null(False).to_numpy(zero_copy_only=False) & here
    dropped = drop.any(axis=0)
    first = pa.array(drop.argmax(axis=0) if rules else dropped, mask=~dropped).cast(pa.int64())
    kinds = pa.array([rule.kind() for rule in rules], pa.string())
    columns = {
        DOC_ID: doc_id,
        "keep": pa.array(~dropped, mask=~here),
        "rule": kinds.take(first),
        "value": _of_first(first, [judgement.value for judgement in judgements]),
        "threshold": _of_first(first, [judgement.threshold for judgement in judgements]),
        "rules": _every(drop, kinds, here),
    }
    return pa.table(columns, schema=VERDICTS)


def _of_first(first: pa.Array, columns: list[pa.Array]) -> pa.Array:
    """The value of each dropped document in the column of the first rule that drops it."""
    rows = len(first)
    found = [pa.nulls(0, pa.float64()), *(column.cast(pa.float64()) for column in columns)]
    places = [None if k is None else k * rows + row for row, k in enumerate(first.to_pylist())]
    return pa.concat_arrays(found).take(pa.array(places, pa.int64()))


def _every(drop: np.ndarray[Any, Any], kinds: pa.Array, here: np.ndarray[Any, Any]) -> pa.Array:
    """The kinds of all rules that drop each document; null where it is not there."""
    _, rules = np.nonzero(drop.T)
    offsets = np.concatenate([[0], np.cumsum(drop.sum(axis=0))])
    lists = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), kinds.take(pa.array(rules, pa.int64()))
    )
    return lists.take(pa.array(np.arange(len(here)), mask=~here))
