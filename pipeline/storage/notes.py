"""Tables that lie beside a version: in no shard, in no digest, and no worse for being gone.

notes/<stage>/<key>/<name>.parquet      created once; the first outcome of a key is what is told
"""

import io
import logging
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DamagedFile
from pipeline.storage.files import Files
from pipeline.storage.parquet import encoding_of

FOLDER = "notes"
log = logging.getLogger(__name__)
ROW_GROUP = 8192  # rows: one is read to look an address up


class Notes:
    """What one unit of a stage notes beside its version, and what it noted before."""

    def __init__(self, files: Files, stage: str, alike: Mapping[str, str]) -> None:
        """`alike`: role -> the key of a version that this stage made by the same code."""
        self.made: dict[str, pa.Table] = {}
        self._files, self._stage, self._alike = files, stage, alike

    def put(self, name: str, rows: pa.Table) -> None:
        """Keep a table beside the version."""
        self.made[name] = rows

    def earlier(self, role: str, name: str) -> pa.Table | None:
        """What is kept beside the version of a role; None where other code noted it, or nobody.

        None too where it is damaged: a note can only spare work.
        """
        key = self._alike.get(role)
        try:
            return read_note(self._files, self._stage, key, name) if key else None
        except (OSError, pa.ArrowException, DamagedFile) as error:
            log.warning("What %s noted as %s is not read: %s", self._stage, name, error)
            return None


def put_note(files: Files, stage: str, key: str, name: str, rows: pa.Table) -> None:
    """Keep a table beside the version of a key."""
    content = io.BytesIO()
    pq.write_table(rows, content, row_group_size=ROW_GROUP, **encoding_of(rows))
    files.create(_path(stage, key, name), content.getvalue())


def read_note(
    files: Files, stage: str, key: str, name: str, *, where: tuple[str, str] | None = None
) -> pa.Table | None:
    """The table beside a version; with `where`, its rows in which a column has a value.

    None where there is none.
    """
    try:
        file = files.open(_path(stage, key.partition("~")[0], name))
    except FileNotFoundError:
        return None
    with file:
        if where:  # loads the library of datasets, which takes longer than many notes
            filters = [(where[0], "=", where[1])]
            return pq.read_table(file, filters=filters, page_checksum_verification=True)
        return pq.ParquetFile(file, page_checksum_verification=True).read()


def _path(stage: str, key: str, name: str) -> str:
    return f"{FOLDER}/{stage}/{key}/{name}.parquet"
