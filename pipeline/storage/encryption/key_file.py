"""A file of master keys: one a line, a name and 256 bits in base64. The first writes, all read.

    # penstock keys: back this file up; what it encrypted cannot be read without it
    2026-11-21-9f3c  3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

Rotation: a new key is put first (`penstock keygen` does). The next run that opens the store for
writing wraps its data keys with it too, and writes by a new data key; from then on the older key
is needed no more. Where an older key is known to others, delete keys/<its name>/ in the store as
well; whoever has an old copy of that folder and the key still reads what was written until then.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.storage.encryption.errors import BadKeyFile
from pipeline.storage.encryption.masters import KEY_BYTES, NAME, Unwrapping

HEAD = "# penstock keys: back this file up; what it encrypted cannot be read without it\n"
NONCE_BYTES = 12
LARGEST = 1 << 16  # bytes: some hundred keys
_MAKE = "Make one with `penstock keygen FILE`."


class KeyFile:
    """The keys of one file."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.names = tuple(keys)
        lines = (name.encode() + b"\0" + key for name, key in keys.items())
        self.mark = hashlib.sha256(b"".join(lines)).digest()
        self._keys = {name: AESGCM(key) for name, key in keys.items()}

    @classmethod
    def at(cls, place: str | Path) -> KeyFile:
        """The keys of a file that nobody else may read.

        Raises:
            BadKeyFile: it is not there, others may read it, or it holds something else.
        """
        return cls(_read(Path(place)))

    def wrap(self, data_key: bytes, bound: bytes) -> bytes:
        """A data key as only the first of the keys opens it, and for `bound` alone."""
        name, nonce = self.names[0], secrets.token_bytes(NONCE_BYTES)
        return nonce + self._keys[name].encrypt(nonce, data_key, _bound(name, bound))

    def unwrap(self, name: str, wrapped: bytes, bound: bytes) -> bytes:
        """A data key that the key of that name has wrapped, for `bound`."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._keys[name].decrypt(nonce, sealed, _bound(name, bound))
        except (InvalidTag, ValueError):  # ValueError: it is too short
            raise Unwrapping from None


def new_key(path: Path, name: str = "") -> str:
    """Put a new key first in a file, which is made where it is not there; its name.

    Raises:
        BadKeyFile: the file cannot be written, holds something else, or has a key of that name.
    """
    name = name or f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(2)}"
    earlier = _read(path) if path.exists() else {}
    if name in earlier:
        remedy = "Give the new key another --name."
        raise BadKeyFile(str(path), problem=f"it has a key {name} already", remedy=remedy)
    if not NAME.fullmatch(name):
        remedy = "Take letters, digits and ._- for --name, 64 at most."
        raise BadKeyFile(str(path), problem=f"{name!r} is no name for a key", remedy=remedy)
    keys = {name: secrets.token_bytes(KEY_BYTES), **earlier}
    lines = [f"{each}  {base64.b64encode(key).decode()}\n" for each, key in keys.items()]
    try:
        _replace(path, HEAD + "".join(lines))
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "Name a file in a folder that can be written."
        raise BadKeyFile(str(path), problem=problem, remedy=remedy) from error
    return name


def _bound(name: str, bound: bytes) -> bytes:
    return b"penstock data key 1\0" + bound + name.encode()


def _read(path: Path) -> dict[str, bytes]:
    """Name -> key, in the order of the lines."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(LARGEST)
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise BadKeyFile(str(path), problem=problem, remedy=_MAKE) from error
    if stat.S_IMODE(mode) & 0o077:
        problem = f"others may read or change it (mode {stat.S_IMODE(mode):04o})"
        raise BadKeyFile(str(path), problem=problem, remedy=f"Say `chmod 600 {path}`.")
    lines = enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
    words = [(n, line.split()) for n, line in lines if line.strip() and line.strip()[0] != "#"]
    keys: dict[str, bytes] = {}
    for number, line in words:
        key = _key(line)
        if key is None or line[0] in keys:
            problem = f"line {number} is not a name of its own and 256 bits in base64"
            raise BadKeyFile(str(path), problem=problem, remedy=_MAKE)
        keys[line[0]] = key
    if not keys:
        raise BadKeyFile(str(path), problem="it holds no key", remedy=_MAKE)
    return keys


def _key(words: list[str]) -> bytes | None:
    if len(words) != 2 or not NAME.fullmatch(words[0]):
        return None
    try:
        key = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _replace(path: Path, text: str) -> None:
    """Write a file of mode 0600 anew, at no moment half of it, and see that it lasts.

    What lies there as a link stays one: the file that it names is written.
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a loss of power takes the name back otherwise
    finally:
        os.close(folder)
