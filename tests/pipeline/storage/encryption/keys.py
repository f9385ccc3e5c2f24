"""Key files, and key services, for tests of encryption."""

import base64
import hashlib
import time
from typing import ClassVar

from pipeline.storage.encryption.key_file import new_key
from pipeline.storage.encryption.settings import FILE_VARIABLE, SERVICE_VARIABLE
from pipeline.storage.nearby import VARIABLE

HERE = "tests.pipeline.storage.encryption.keys"


def use(patch, path, *names):
    """Make a key file, its last name the first key, and let this process use it."""
    for name in names or ("one",):
        new_key(path, name)
    patch.setenv(FILE_VARIABLE, str(path))
    patch.delenv(SERVICE_VARIABLE, raising=False)
    patch.setenv(VARIABLE, str(path.parent / "scratch"))
    return path


class Counting:
    """A key service that counts what it is asked."""

    key_id = "kept-elsewhere"
    asked: ClassVar[list[str]] = []
    pad = hashlib.sha512(b"a master key").digest()[:60]

    def wrap(self, secret):
        self.asked.append("wrap")
        return b"wrapped:" + bytes(a ^ b for a, b in zip(secret, self.pad, strict=True))

    def unwrap(self, wrapped):
        self.asked.append("unwrap")
        return bytes(a ^ b for a, b in zip(wrapped[8:], self.pad, strict=True))


class Slow(Counting):
    """One that takes its time."""

    def unwrap(self, wrapped):
        found = super().unwrap(wrapped)
        time.sleep(0.2)
        return found


class Refusing(Counting):
    """One that quotes its user's secret when it refuses."""

    def unwrap(self, wrapped):
        msg = "access denied for token s3cr3t"
        raise PermissionError(msg)


class Idle(Counting):
    """One that wraps nothing."""

    def wrap(self, secret):
        return b"wrapped:" + secret


class Nameless(Counting):
    """One that does not say what it is."""

    key_id = "../one"


def forms(path):
    """Every form in which a key of a file could stand somewhere."""
    found = []
    for line in path.read_text().splitlines()[1:]:
        text = line.split()[1]
        key = base64.b64decode(text)
        found += [key, text.rstrip("=").encode(), key.hex().encode(), repr(key)[2:-1].encode()]
        found += [key.hex().upper().encode(), base64.urlsafe_b64encode(key).rstrip(b"=")]
    return found
