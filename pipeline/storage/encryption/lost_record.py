"""A place without a record is not always new: of an encrypted store the record may be lost.

A store that is founded on top of one has another identity, or none, and what was there before would
read as damaged, and be set aside by a repair.
"""

from __future__ import annotations

from pipeline.storage.encryption.errors import EncryptionError, NoKey, RecordGone
from pipeline.storage.encryption.keyring import FOLDER, master_names
from pipeline.storage.encryption.settings import wanted
from pipeline.storage.files import Files

CONTENT = ("versions", "shards", "refs")  # what no founding leaves


def lost_record(files: Files, record: str) -> EncryptionError | None:
    """Why no store may be founded at a place whose record is not there; None where one may.

    Args:
        files: the place.
        record: the record's path.

    Returns:
        RecordGone: there are data keys, or this process has one, and there is content.
        NoKey: there are data keys, as a founding that was cut short leaves, and none opens them.
    """
    keyed = _holds(files, FOLDER)
    if (keyed or wanted()) and any(_holds(files, folder) for folder in CONTENT):
        return RecordGone(files.uri, record, FOLDER if keyed else "")
    if keyed and not wanted():
        return NoKey(files.uri, master_names(files))
    return None


def _holds(files: Files, folder: str) -> bool:
    return next(files.entries(folder), None) is not None
