"""Reading tables that have the same rows in the same order, as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from pipeline.errors import ConservationError
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.work import Work


class Columns(NamedTuple):
    """Columns of one table of one role."""

    role: str
    table: str
    names: tuple[str, ...]


def side_by_side(
    work: Work, wide: Columns, *thin: Columns, shard: str | None = None
) -> Iterator[dict[str, pa.Array]]:
    """The rows of several tables, a batch at a time; `doc_id` is always among the columns.

    Args:
        work: the unit.
        wide: columns that are streamed (texts).
        thin: columns that fit in memory (numbers, verdicts).
        shard: the shard to read in every role; where it is left out, the unit reads only one.

    Raises:
        ConservationError: the tables do not have the same documents in the same order.
    """
    whole = [work.table(each.role, each.table, (DOC_ID, *each.names), shard=shard) for each in thin]
    start = 0
    for batch in work.batches(wide.role, wide.table, (DOC_ID, *wide.names), shard=shard):
        columns = {name: batch[name] for name in (DOC_ID, *wide.names)}
        for each, table in zip(thin, whole, strict=True):
            part = table.slice(start, batch.num_rows)
            if not part[DOC_ID].equals(pa.chunked_array([batch[DOC_ID]])):
                raise _askew(shard or str(work.unit), wide, each)
            columns |= {name: _one_piece(part[name]) for name in each.names}
        start += batch.num_rows
        yield columns
    for each, table in zip(thin, whole, strict=True):
        if table.num_rows != start:
            raise _askew(shard or str(work.unit), wide, each)


def _one_piece(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _askew(shard: str, wide: Columns, thin: Columns) -> ConservationError:
    return ConservationError(
        f"{thin.role} and {wide.role} do not have the same documents in the same order in shard "
        f"{shard}.\nOne of the stages that made them is at fault: `penstock verify` says "
        f"which files are not what they were."
    )
