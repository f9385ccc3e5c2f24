"""A key service (KMS) that keeps the master key: a class of the user's, named by the environment.

    class OurKeys:
        key_id = "corpus-2026"           # what the store is said to be encrypted by

        def wrap(self, secret: bytes) -> bytes:
            return client.encrypt(KeyId="alias/corpus-2026", Plaintext=secret)["CiphertextBlob"]

        def unwrap(self, wrapped: bytes) -> bytes:
            return client.decrypt(KeyId="alias/corpus-2026", CiphertextBlob=wrapped)["Plaintext"]

The secret has 60 bytes: whose it is (the store's identity, 16, the data key's number, 12), and the
data key, 32. `unwrap` is called once in each process that opens a store, `wrap` once, when a store
is founded; the class is made once in each process, and threads may share it. `key_id` stays what
it is: a service that rotates its key does so behind that name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from pipeline.storage.encryption.errors import BadKeyService
from pipeline.storage.encryption.masters import KEY_BYTES, NAME, Unwrapping


class KeyService:
    """The master key that a service keeps."""

    def __init__(self, place: str) -> None:
        """Make the service that `package.module:Class` names.

        Raises:
            BadKeyService: it cannot be imported or made, or lacks what is asked of it.
        """
        self._place = place
        module, _, name = place.partition(":")
        self._service: Any = self._asked("be made", lambda: getattr(_module(module), name)())
        key_id = getattr(self._service, "key_id", None)
        if not isinstance(key_id, str) or not NAME.fullmatch(key_id):
            problem = "its `key_id` is not a name of letters, digits and ._-, 64 at most"
            raise BadKeyService(place, problem=problem)
        self.names: tuple[str, ...] = (key_id,)
        self.mark = f"{place} {key_id}".encode()

    def wrap(self, data_key: bytes, bound: bytes) -> bytes:
        """A data key as only the service opens it, behind what it is bound to."""
        wrapped = self._asked("wrap a data key", lambda: self._service.wrap(bound + data_key))
        if not isinstance(wrapped, bytes) or data_key in wrapped:
            raise BadKeyService(self._place, problem="what it wraps is not wrapped")
        return wrapped

    def unwrap(self, name: str, wrapped: bytes, bound: bytes) -> bytes:
        """A data key that the service has wrapped, behind what it is bound to."""
        secret = self._asked("unwrap a data key", lambda: self._service.unwrap(wrapped))
        if not isinstance(secret, bytes) or len(secret) != len(bound) + KEY_BYTES:
            problem = f"what it unwraps has not the {len(bound) + KEY_BYTES} bytes that it wrapped"
            raise BadKeyService(self._place, problem=problem)
        if not secret.startswith(bound):
            raise Unwrapping
        return secret[len(bound) :]

    def _asked(self, what: str, act: Callable[[], object]) -> object:
        """What the user's code gives; of what it raises only the kind is told."""
        failure = ""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - anybody's code, which may raise anything
            failure = f"it cannot {what} ({type(error).__name__})"
        raise BadKeyService(self._place, problem=failure)  # not in the handler: no cause, no words


def _module(name: str) -> object:
    return importlib.import_module(name)
