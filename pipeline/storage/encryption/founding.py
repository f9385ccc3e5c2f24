"""Whether a store is encrypted, as its record says, and whether the environment fits that."""

from __future__ import annotations

from typing import Any

from pipeline.storage.encryption.encrypted_files import EncryptedFiles
from pipeline.storage.encryption.errors import KeysGone, NoKey, NotEncrypted
from pipeline.storage.encryption.keyring import (
    Keyring,
    add_data_key,
    identity_of,
    master_names,
    settled_identity,
)
from pipeline.storage.encryption.masters import masters_of_environment
from pipeline.storage.encryption.settings import wanted
from pipeline.storage.files import Files


def founded(files: Files) -> dict[str, str]:
    """What the record of a new store says of its encryption; its first data key is there.

    The key comes first: a crash leaves one that nobody uses, never a record without a key.
    """
    masters = masters_of_environment()
    identity = settled_identity(files)
    add_data_key(files, masters, identity)
    return {"id": identity.hex(), "form": "AES-256-GCM, penstock 1"}


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
    identity = identity_of(said.get("id")) if isinstance(said, dict) else None
    if identity is None:
        raise KeysGone(files.uri, record)
    keyring = Keyring(files, masters_of_environment(), identity, write=write)
    return EncryptedFiles(files, keyring, record)
