"""What can be wrong with a store's encryption, or with the keys for it. No sentence repeats a key.

StoreError
  EncryptionError
    NoKey               a store is encrypted, and the environment names no key
    WrongKey            the keys at hand do not open it
    NotEncrypted        keys are at hand, and a store is not encrypted
    KeysGone            an encrypted store has lost its data keys
    ScratchInside       work in clear would lie in an encrypted store
    RecordGone          a store has lost the record that says whether it is encrypted
    BadKeyFile          a key file cannot be used
    BadKeyService       a key service cannot be used
  DamagedFile
    DamagedCiphertext   a file does not decrypt: it is not what was written there
"""

from collections.abc import Sequence

from pipeline.errors import DamagedFile, StoreError
from pipeline.storage.encryption.settings import FILE_VARIABLE, SERVICE_VARIABLE

_NAME_ONE = f"Name a key in the environment of this process: {FILE_VARIABLE}=/path, a file that"
_NAME_ONE += f" `penstock keygen` makes, or {SERVICE_VARIABLE}=package.module:Class."


class EncryptionError(StoreError):
    """Keys and a store do not go together."""


class NoKey(EncryptionError):
    """A store is encrypted, and the environment names no key."""

    def __init__(self, where: str, wanted: Sequence[str]) -> None:
        super().__init__(f"The store {where} is encrypted, by {_several(wanted)}.\n{_NAME_ONE}")


class WrongKey(EncryptionError):
    """The keys at hand do not open what others have closed."""

    def __init__(self, where: str, wanted: Sequence[str], have: Sequence[str]) -> None:
        same = [name for name in wanted if name in have]
        said = _several(have)
        if same:
            said = f"another key of the name {same[0]}, or the wrapped one in keys/ is damaged"
        super().__init__(
            f"The store {where} is encrypted by {_several(wanted)}; at hand is {said}.\n"
            f"Point {FILE_VARIABLE} (or {SERVICE_VARIABLE}) to what it was encrypted with. "
            f"After a rotation the older keys stay in the file, behind the new one."
        )


class NotEncrypted(EncryptionError):
    """Keys are at hand, and a store is not encrypted."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The store {where} is not encrypted, but the environment names a key.\n"
            f"Unset {FILE_VARIABLE} and {SERVICE_VARIABLE} to use it as it is, or let an encrypted "
            f"one be founded elsewhere, --store NEW: a store is encrypted from its first file on."
        )


class KeysGone(EncryptionError):
    """An encrypted store has lost its data keys."""

    def __init__(self, where: str, path: str) -> None:
        super().__init__(
            f"{where} is encrypted, and {path} is not what it was, or is gone: without it nothing "
            f"there can be read.\nBring it back from a copy of the store."
        )


class ScratchInside(EncryptionError):
    """Work in clear would lie in an encrypted store."""

    def __init__(self, where: str, scratch: str, variable: str) -> None:
        super().__init__(
            f"The store {where} is encrypted, and {scratch}, where units at work and checkpoints "
            f"lie in clear, is a folder in it.\nSet {variable} to a folder outside of the store."
        )


class RecordGone(EncryptionError):
    """A store has lost the record that says whether, and under which identity, it is encrypted."""

    def __init__(self, where: str, record: str, keys: str) -> None:
        remedy = f"Bring {record} back from a copy of the store"
        if keys:
            said = f"and {keys}/, which holds wrapped keys, says that they are encrypted"
        else:
            said = "and nothing says that they are encrypted, but the environment names a key"
            remedy += f"; where it was in clear, unset {FILE_VARIABLE} and {SERVICE_VARIABLE}"
        super().__init__(
            f"{where} has files of a store, {said}; its record {record} is gone. A store that is "
            f"founded on top could read none of them.\n{remedy}."
        )


class BadKeyFile(EncryptionError):
    """A key file cannot be used."""

    def __init__(self, path: str, *, problem: str, remedy: str) -> None:
        super().__init__(f"The key file {path}: {problem}.\n{remedy}")


class BadKeyService(EncryptionError):
    """A key service cannot be used."""

    def __init__(self, name: str, *, problem: str) -> None:
        super().__init__(
            f"The key service {name}: {problem}.\n"
            f"{SERVICE_VARIABLE} names a class, package.module:Class, that needs no arguments and "
            f"has `key_id`, `wrap(secret)` and `unwrap(wrapped)`; its own words are not repeated "
            f"here, as they may hold secrets."
        )


class DamagedCiphertext(DamagedFile):
    """A file does not decrypt: it is not what was written there."""

    def __init__(self, path: str, *, problem: str) -> None:
        StoreError.__init__(
            self,
            f"{path} is damaged: {problem}.\n"
            f"`penstock verify --repair` sets damaged versions and shards aside, and the next run "
            f"makes them again; what is neither comes back from a copy of the store.",
        )


def _several(names: Sequence[str]) -> str:
    return f"the key{'' if len(names) == 1 else 's'} {', '.join(names) or 'of no name'}"
