"""How a file is sealed: segments under AES-256-GCM that can be opened one by one.

    head      "PENSEAL1", the data key's number (12), a salt (32), the plaintext's length (8)
    segment   65,536 bytes of plaintext, fewer in the last, and their tag (16)   once at least

The file's key is HKDF-SHA-256 of the data key, the salt, the store's identity and the whole head:
no two files share one, so a nonce need only be unique in its file. It is the segment's number and
whether the segment is the last (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizar, 2015,
https://eprint.iacr.org/2015/189, with one key a file in place of a random prefix). Bound to each
segment is the file's name in the store. So a changed bit, a cut, something added, segments in
another order, another head, another file's bytes or another store's are all refused by the tag of
the segment that is read; a wrong length already when a file is opened. Segments of 64 KiB are as
fast as larger ones, and a read of one byte costs one of them.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.errors import StoreUnreachable
from pipeline.storage.encryption.errors import DamagedCiphertext
from pipeline.storage.encryption.keyring import NUMBER_BYTES, Keyring
from pipeline.storage.encryption.masters import KEY_BYTES

MAGIC = b"PENSEAL1"
SALT_BYTES = 32
LENGTH_BYTES = 8
HEAD_BYTES = len(MAGIC) + NUMBER_BYTES + SALT_BYTES + LENGTH_BYTES
SEGMENT = 1 << 16  # bytes of plaintext
TAG = 16  # bytes
STEP = SEGMENT + TAG
AT_ONCE = 64  # segments that are read from a disk together


class Head(NamedTuple):
    """What stands before a file's segments."""

    number: bytes  # of the data key
    salt: bytes
    length: int  # bytes of plaintext

    def packed(self) -> bytes:
        """As it stands in the file."""
        return MAGIC + self.number + self.salt + self.length.to_bytes(LENGTH_BYTES, "big")

    @classmethod
    def read(cls, path: str, content: bytes, size: int) -> Head:
        """The head of a sealed file.

        Args:
            path: the file.
            content: how it begins, HEAD_BYTES at least.
            size: its bytes, all in all.

        Raises:
            DamagedCiphertext: it is none, or says another length than the file has.
        """
        if len(content) < HEAD_BYTES or not content.startswith(MAGIC):
            raise DamagedCiphertext(path, problem="it does not begin as an encrypted file does")
        number, rest = content[len(MAGIC) :][:NUMBER_BYTES], content[len(MAGIC) + NUMBER_BYTES :]
        length = int.from_bytes(rest[SALT_BYTES : SALT_BYTES + LENGTH_BYTES], "big")
        if sealed_size(length) != size:
            problem = f"it has {size} bytes, and not as many as its length asks for"
            raise DamagedCiphertext(path, problem=problem)
        return cls(number, rest[:SALT_BYTES], length)

    @property
    def last(self) -> int:
        """The number of the last segment."""
        return segments_of(self.length) - 1


class Segments:
    """Seals and opens the segments of one file."""

    def __init__(self, keyring: Keyring, path: str, head: Head) -> None:
        info = b"penstock file 1\0" + keyring.identity + head.packed()
        derived = HKDF(SHA256(), KEY_BYTES, head.salt, info)
        self._cipher = AESGCM(derived.derive(keyring.data_key(head.number, path)))
        self._path, self._bound, self._last = path, path.encode(), head.last

    def seal(self, number: int, plain: bytes | memoryview) -> bytes:
        """A segment's ciphertext and tag."""
        return self._cipher.encrypt(self._nonce(number), plain, self._bound)

    def open(self, number: int, sealed: bytes | memoryview) -> bytes:
        """A segment's plaintext.

        Raises:
            DamagedCiphertext: it is not the one that was written there.
        """
        try:
            return self._cipher.decrypt(self._nonce(number), sealed, self._bound)
        except (InvalidTag, ValueError):  # ValueError: it is shorter than a tag
            pass
        problem = f"its bytes from {number * SEGMENT} on are not those that were written"
        raise DamagedCiphertext(self._path, problem=problem)

    def _nonce(self, number: int) -> bytes:
        return number.to_bytes(11, "big") + (b"\1" if number == self._last else b"\0")


def seal(keyring: Keyring, path: str, content: bytes) -> bytes:
    """A whole file's ciphertext, to lie under the name `path`."""
    head, segments = _new(keyring, path, len(content))
    plain = memoryview(content)
    parts = (plain[n * SEGMENT : (n + 1) * SEGMENT] for n in range(head.last + 1))
    return b"".join((head.packed(), *(segments.seal(n, part) for n, part in enumerate(parts))))


def unseal(keyring: Keyring, path: str, sealed: bytes) -> bytes:
    """A whole file's plaintext.

    Raises:
        DamagedCiphertext: it is not what was written under that name.
    """
    head = Head.read(path, sealed[:HEAD_BYTES], len(sealed))
    segments, body = Segments(keyring, path, head), memoryview(sealed)[HEAD_BYTES:]
    parts = (body[n * STEP : (n + 1) * STEP] for n in range(head.last + 1))
    return b"".join([segments.open(n, part) for n, part in enumerate(parts)])


def seal_file(keyring: Keyring, path: str, source: Path, target: BinaryIO) -> None:
    """Seal a file of this machine, piece by piece, to lie under the name `path`.

    Raises:
        StoreUnreachable: the file is shortened while it is read.
    """
    head, segments = _new(keyring, path, source.stat().st_size)
    target.write(head.packed())
    left = head.length
    with source.open("rb") as content:
        for number in range(head.last + 1):
            plain = content.read(min(left, SEGMENT))
            left -= len(plain)
            if len(plain) < SEGMENT and left:
                problem, remedy = "it was shortened while it was read", "Run again."
                raise StoreUnreachable(str(source), problem=problem, remedy=remedy)
            target.write(segments.seal(number, plain))


def segments_of(length: int) -> int:
    """How many segments hold some bytes of plaintext; an empty file has one."""
    return max(1, -(-length // SEGMENT))


def sealed_size(length: int) -> int:
    """The bytes of a sealed file."""
    return HEAD_BYTES + length + TAG * segments_of(length)


def plain_size(sealed: int) -> int:
    """The bytes of plaintext in a sealed file of some bytes; of what is none, about as many."""
    full, rest = divmod(max(0, sealed - HEAD_BYTES), STEP)
    return full * SEGMENT + max(0, rest - TAG)


def _new(keyring: Keyring, path: str, length: int) -> tuple[Head, Segments]:
    head = Head(keyring.writing, secrets.token_bytes(SALT_BYTES), length)
    return head, Segments(keyring, path, head)
