"""The master keys that the environment names: of a key file, or of a key service."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Protocol

from pipeline.storage.encryption.errors import BadKeyFile
from pipeline.storage.encryption.settings import FILE_VARIABLE, SERVICE_VARIABLE

KEY_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # is a folder's name in the store


class Unwrapping(Exception):
    """A wrapped key is not one of that master key."""


class Masters(Protocol):
    """Master keys by their names; the first writes, all read."""

    names: tuple[str, ...]
    mark: bytes  # two of one mark unwrap alike; kept in memory only

    def wrap(self, data_key: bytes, bound: bytes) -> bytes:
        """A data key as only the first master key opens it, and for `bound` alone."""

    def unwrap(self, name: str, wrapped: bytes, bound: bytes) -> bytes:
        """A data key that the master key of that name has wrapped, for `bound`.

        Raises:
            Unwrapping: it has not.
        """


def masters_of_environment() -> Masters:
    """The master keys of this process.

    Raises:
        EncryptionError: they cannot be used.
    """
    path, service = os.environ.get(FILE_VARIABLE), os.environ.get(SERVICE_VARIABLE)
    if path and service:
        problem = f"{SERVICE_VARIABLE} is set as well, and a store has its keys from one place"
        raise BadKeyFile(path, problem=problem, remedy="Unset one of the two.")
    if service:
        return _service(service)
    from pipeline.storage.encryption.key_file import KeyFile

    return KeyFile.at(path or "")


@cache
def _service(place: str) -> Masters:
    """A key service, made once in each process: its connections are not to be shared by two."""
    from pipeline.storage.encryption.key_service import KeyService

    return KeyService(place)


os.register_at_fork(after_in_child=_service.cache_clear)
