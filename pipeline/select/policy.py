"""From the judgements of all rules to one verdict for each document."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.select.rule import Rule, Signals, certain
from schemas.column import DOC_ID
from schemas.verdict import VERDICTS

# Documents judged at once: enough that a call costs more than its way into Arrow, few enough that
# what rules compute on the way stays small (measured: twice as fast as 8,192).
TOGETHER = 32_768


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
    pieces = [
        _judged(
            rules,
            {name: column.slice(start, TOGETHER) for name, column in signals.items()},
            doc_id.slice(start, TOGETHER),
            there.slice(start, TOGETHER),
        )
        for start in range(0, len(doc_id), TOGETHER)
    ]
    return pa.concat_tables([VERDICTS.empty_table(), *pieces]).combine_chunks()


def _judged(
    rules: tuple[Rule, ...], signals: Signals, doc_id: pa.Array, there: pa.Array
) -> pa.Table:
    """The verdicts of documents that are few enough to be judged at once."""
    here = there.fill_null(False).to_numpy(zero_copy_only=False)
    judgements = [rule.judge(signals) for rule in rules]
    drop = np.zeros((len(rules), len(doc_id)), bool)
    first = np.full(len(doc_id), len(rules), np.int64)  # the first rule that drops each
    for row in reversed(range(len(rules))):
        drop[row] = certain(judgements[row].drop).to_numpy(zero_copy_only=False) & here
        first[drop[row]] = row
    dropped = first < len(rules)
    reason = pa.array(first, mask=~dropped)
    kinds = pa.array([rule.kind() for rule in rules], pa.string())
    columns = {
        DOC_ID: doc_id,
        "keep": pa.array(~dropped, mask=~here),
        "rule": kinds.take(reason),
        "value": _of_first(reason, [judgement.value for judgement in judgements]),
        "threshold": _of_first(reason, [judgement.threshold for judgement in judgements]),
        "rules": _every(drop, kinds, here),
    }
    return pa.table(columns, schema=VERDICTS)


def _of_first(first: pa.Array, columns: list[pa.Array]) -> pa.Array:
    """The value of each dropped document in the column of the first rule that drops it."""
    if not columns:
        return pa.nulls(len(first), pa.float64())
    return pc.choose(first, *(column.cast(pa.float64()) for column in columns))


def _every(drop: np.ndarray[Any, Any], kinds: pa.Array, here: np.ndarray[Any, Any]) -> pa.Array:
    """The kinds of all rules that drop each document; null where it is not there."""
    places = np.flatnonzero(drop.any(axis=0))  # of the few that are dropped
    _, rules = np.nonzero(drop[:, places].T)
    offsets = np.concatenate([[0], np.cumsum(drop.sum(axis=0))])
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()),
        kinds.take(pa.array(rules, pa.int64())),
        mask=pa.array(~here),
    )
