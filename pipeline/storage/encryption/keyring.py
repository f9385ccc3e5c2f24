"""The data keys of one store, which lie in it, wrapped by the master keys.

keys/_identity                                  the identity that a founder has settled on
keys/<master key's name>/<data key's number>    created once, never changed: a wrapped data key

A data key is 256 random bits and belongs to one store: wrapped with it, or authenticated, are the
store's identity and the number, so that none can be put in the place of another. One data key may
be there several times, wrapped by different master keys: that is how a master key is rotated
without touching a file. Nothing here is ever replaced, so that of two processes that add a data key
at once both are right.
"""

from __future__ import annotations

import re
import secrets
import time

from pipeline.storage.encryption.errors import DamagedCiphertext, KeysGone, WrongKey
from pipeline.storage.encryption.masters import KEY_BYTES, NAME, Masters, Unwrapping
from pipeline.storage.encryption.unwrapped import unwrapped_here
from pipeline.storage.files import Files

FOLDER = "keys"
NUMBER_BYTES = 12  # of a data key's number: when it was made, so that the newest is known; chance
MOMENT_BYTES = 6  # of these: milliseconds since 1970
LATEST = (1 << 8 * MOMENT_BYTES) - 1
ID_BYTES = 16  # of a store's identity, which all its files are bound to
IDENTITY = f"{FOLDER}/_identity"  # no master key has a name like this
_WRAPPED = re.compile(rf"{FOLDER}/({NAME.pattern})/([0-9a-f]{{{2 * NUMBER_BYTES}}})")

Wrapped = dict[bytes, dict[str, str]]  # data key's number -> master key's name -> path


def wrapped_keys(files: Files) -> Wrapped:
    """The wrapped data keys of a store; what else lies there (a temporary file) is none."""
    found: Wrapped = {}
    for entry in files.entries(FOLDER):
        if parts := _WRAPPED.fullmatch(entry.path):
            found.setdefault(bytes.fromhex(parts[2]), {})[parts[1]] = entry.path
    return found


def master_names(files: Files) -> list[str]:
    """The master keys that a store is encrypted by."""
    return sorted({name for names in wrapped_keys(files).values() for name in names})


def settled_identity(files: Files) -> bytes:
    """The identity of a store that is being founded; of several founders, the first one's.

    Raises:
        KeysGone: what is kept there is none.
    """
    files.create(IDENTITY, secrets.token_hex(ID_BYTES).encode())
    identity = identity_of(files.read(IDENTITY).decode("ascii", "replace"))
    if identity is None:
        raise KeysGone(files.uri, IDENTITY)
    return identity


def identity_of(text: object) -> bytes | None:
    """An identity, from its hex digits; None where they are others."""
    if not isinstance(text, str) or not re.fullmatch(rf"[0-9a-f]{{{2 * ID_BYTES}}}", text):
        return None
    return bytes.fromhex(text)


def add_data_key(files: Files, masters: Masters, identity: bytes) -> None:
    """Give a store a new data key, wrapped by the first master key.

    Its number is above all that are there, however wrong this machine's clock is.
    """
    newest = max((_moment(number) for number in wrapped_keys(files)), default=0)
    moment = min(max(time.time_ns() // 1_000_000, newest + 1), LATEST)
    number = moment.to_bytes(MOMENT_BYTES, "big")
    number += secrets.token_bytes(NUMBER_BYTES - MOMENT_BYTES)
    _keep(files, masters, identity + number, secrets.token_bytes(KEY_BYTES))


class Keyring:
    """The data keys of a store as this process unwraps them (see `unwrapped`)."""

    def __init__(self, files: Files, masters: Masters, identity: bytes, *, write: bool) -> None:
        """Open the store's data keys.

        Args:
            files: the store's place, as it lies there.
            masters: what unwraps them.
            identity: the store's.
            write: whether a master key that is new to the store may be added to it.

        Raises:
            WrongKey: the master keys are others.
            KeysGone: there is no data key, or one is damaged.
        """
        self.identity = identity
        self._files, self._masters = files, masters
        self._unwrapped = unwrapped_here(files.uri, identity, masters.mark)
        self._wrapped = wrapped_keys(files)
        if not self._wrapped:
            raise KeysGone(files.uri, FOLDER)
        if write and not self._taken_in():
            self._take_in()
        usable = {number: self._usable(number) for number in self._wrapped}
        first = [n for n, names in self._wrapped.items() if masters.names[0] in names]
        self.writing = max(first or usable)  # the newest
        self.data_key(self.writing)  # a wrong key is found out now

    def data_key(self, number: bytes, path: str = "") -> bytes:
        """A data key.

        Args:
            number: the data key's.
            path: of the file that names it.

        Raises:
            WrongKey: no master key at hand unwraps it.
            DamagedCiphertext: the store has none of that number.
            KeysGone: it is damaged.
        """
        with self._unwrapped.lock:
            if number not in self._unwrapped.keys:
                if number not in self._wrapped:
                    self._wrapped = wrapped_keys(self._files)  # another process may have added it
                if number not in self._wrapped:
                    problem = f"it names a data key that is not in {FOLDER}/"
                    raise DamagedCiphertext(path, problem=problem)
                self._unwrapped.keys[number] = self._unwrap(number)
            return self._unwrapped.keys[number]

    def _taken_in(self) -> bool:
        """Whether the first master key opens all data keys, and has one that was made for it."""
        first, every = self._masters.names[0], [set(names) for names in self._wrapped.values()]
        return all(first in names for names in every) and {first} in every

    def _take_in(self) -> None:
        """Wrap all data keys by a master key that is new here, and add one that is its own.

        That one comes last: until it is there, whoever opens the store goes on with this.
        """
        for number, names in self._wrapped.items():
            if self._masters.names[0] not in names:
                bound = self.identity + number
                _keep(self._files, self._masters, bound, self.data_key(number))
        add_data_key(self._files, self._masters, self.identity)
        self._wrapped = wrapped_keys(self._files)

    def _unwrap(self, number: bytes) -> bytes:
        name = self._usable(number)
        path = self._wrapped[number][name]
        try:
            found = self._masters.unwrap(name, self._files.read(path), self.identity + number)
        except FileNotFoundError:
            raise KeysGone(self._files.uri, path) from None
        except Unwrapping:
            raise self._wrong() from None
        if len(found) != KEY_BYTES:
            raise KeysGone(self._files.uri, path)
        return found

    def _usable(self, number: bytes) -> str:
        """A master key at hand that unwraps a data key."""
        for name in self._masters.names:
            if name in self._wrapped[number]:
                return name
        raise self._wrong()

    def _wrong(self) -> WrongKey:
        return WrongKey(self._files.uri, master_names(self._files), self._masters.names)


def _moment(number: bytes) -> int:
    return int.from_bytes(number[:MOMENT_BYTES], "big")


def _keep(files: Files, masters: Masters, bound: bytes, data_key: bytes) -> None:
    path = f"{FOLDER}/{masters.names[0]}/{bound[ID_BYTES:].hex()}"
    files.create(path, masters.wrap(data_key, bound))
