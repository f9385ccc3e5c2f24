"""store.json: what a store is, and what was found out about its place when it was founded.

It says too whether the store is encrypted (see `encryption`); by which keys, the folder keys/ says.
"""

from __future__ import annotations

import json
from typing import Any

from pipeline.errors import NoStore, StoreUnreachable, WrongFormat
from pipeline.storage.encryption import settings
from pipeline.storage.errors import WeakStore
from pipeline.storage.files import Files
from pipeline.storage.places import files_at, is_far, shown
from pipeline.storage.probe import CREATES, points_of
from schemas.artifact import FORMAT

RECORD = "store.json"
LACKS = "lacks"  # what its founder accepted that the place does not do
ENCRYPTION = "encryption"


def opened_at(place: str) -> Files:
    """The files of a store that is there; the errors of `opened`."""
    return opened(files_at(place), create=False)


def opened(files: Files, *, create: bool, accept_weak: bool = False) -> Files:
    """See that a store of this format is there, or found one. One read, where it is there.

    Args:
        files: its place.
        create: whether one may be founded; where it is encrypted, also whether a key that is new
            to it may be added.
        accept_weak: whether a new one may lie where the place lacks something.

    Returns:
        The store's files as they are to be used: `files`, or a layer over them that encrypts.

    Raises:
        NoStore: there is none, and `create` is false.
        StoreUnreachable: something else than a store is there.
        WrongFormat: it was written by another format version.
        WeakStore: it would be founded on a place that lacks what a commit needs.
        EncryptionError: it is encrypted or not, and the keys of this process do not fit that.
    """
    try:
        record = _record(files)
        if record is None:
            record = _unless_lost(files)
        if record is None and not create:
            raise NoStore(shown(files.uri))
        if record is None:
            files.create(RECORD, json.dumps(_founded(files, accept_weak)).encode())
            record = _record(files)
    except (NotADirectoryError, FileNotFoundError, ValueError) as error:
        raise StoreUnreachable(
            files.uri, problem=f"no store is to be read there ({error})", remedy="Check --store."
        ) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        found = record.get("format") if isinstance(record, dict) else None
        raise WrongFormat(f"The store {files.uri}", found=found, known=FORMAT)
    heed(files, record)
    said = record.get(ENCRYPTION)
    if said is None and not settings.wanted():
        return files
    from pipeline.storage.encryption.founding import layered  # others do not load it

    return layered(files, said, RECORD, write=create)


def lacking(files: Files) -> tuple[str, ...]:
    """What the place of a store was found to lack when it was founded."""
    record = _record(files) or {}
    return tuple(record.get(LACKS, ()))


def heed(files: Files, record: dict[str, Any]) -> None:
    """Create files by looking first, where the place cannot refuse the second of two writers."""
    if is_far(files.uri):
        from pipeline.storage.objects import ObjectFiles

        if isinstance(files, ObjectFiles):
            files.conditional = CREATES not in record.get(LACKS, ())


def _record(files: Files) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(files.read(RECORD))
    except FileNotFoundError:
        return None
    return found


def _unless_lost(files: Files) -> dict[str, Any] | None:
    """The record, where another process founds the store at this moment; else None.

    Raises:
        EncryptionError: it was there and is lost, or the founder was stopped and had a key.
    """
    from pipeline.storage.encryption.lost_record import lost_record  # others do not load it

    lost = lost_record(files, RECORD)
    found = _record(files) if lost else None
    if lost and found is None:
        raise lost
    return found


def _founded(files: Files, accept_weak: bool) -> dict[str, Any]:
    """What a new store says of itself.

    Raises:
        WeakStore: its place lacks something, and nobody has accepted that.
    """
    record: dict[str, Any] = {"format": FORMAT, "store": "penstock"}
    if is_far(files.uri):
        lacks = points_of(files)
        if lacks and not accept_weak:
            raise WeakStore(files.uri, lacks)
        record[LACKS] = list(lacks)
        heed(files, record)
    if settings.wanted():
        from pipeline.storage.encryption.founding import founded

        record[ENCRYPTION] = founded(files)
    return record
