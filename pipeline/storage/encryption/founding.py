"""Whether a store is encrypted, as its record says, and whether the environment fits that."""

from __future__ import annotations

import secrets
from typing import Any

from pipeline.storage.encryption.encrypted_files import EncryptedFiles
from pipeline.storage.encryption.errors import KeysGone, NoKey, NotEncrypted
from pipeline.storage.encryption.keyring import ID_BYTES, Keyring, add_data_key, master_names
from pipeline.storage.encryption.masters import masters_of_environment
from pipeline.storage.encryption.settings import wanted
from pipeline.storage.files import Files


def founded(files: Files) -> dict[str, str]:
    """What the record of a new store says of its encryption; its first data key is there.

    The key comes first: a crash leaves one that nobody uses, never a record without a key.
    """
    add_data_key(files, masters_of_environment())
    return {"id": secrets.token_hex(ID_BYTES), "form": "AES-256-GCM, penstock 1"}


def layered(files: Files, said: Any, record: str, *, write: bool) -> Files:
    """The files of a store, to be used as if they were not encrypted.

    Args:
        files: its place.
        said: what its record says of its encryption; None where it says nothing.
        record: the record's path.
        write: whether a master key that is new to the store may be added to it.

    Raises:
        NoKey: it is encrypted, and the environment names no key.
        NotEncrypted: the environment names one, and it is not.
        EncryptionError: the keys cannot be used, or are others.
    """
    if said is None:
        raise NotEncrypted(files.uri)
    if not wanted():
        raise NoKey(files.uri, master_names(files))
    try:
        identity = bytes.fromhex(said["id"])
    except (KeyError, TypeError, ValueError):
        raise KeysGone(files.uri, record) from None
    keyring = Keyring(files, masters_of_environment(), identity, write=write)
    return EncryptedFiles(files, keyring, record)
