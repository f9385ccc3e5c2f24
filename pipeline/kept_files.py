"""Files in the user's cache: what is read is what was written, whole, or nothing."""

import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

HASH_BYTES = 32


def read_kept(path: Path) -> bytes | None:
    """What was kept there; None where nothing was, or where it is damaged."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content = whole[HASH_BYTES:]
    return content if hashlib.sha256(content).digest() == whole[:HASH_BYTES] else None


def write_kept(path: Path, content: bytes, *, most: int) -> None:
    """Keep something; others may read it at the same time, or write it.

    Where nothing can be kept, nothing is: it can be made again.

    Args:
        path: a file in a folder that holds nothing else of another kind.
        content: of it.
        most: how many files the folder may have; the oldest give way.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(hashlib.sha256(content).digest() + content)
        Path(part.name).replace(path)
        there = [(file.stat().st_mtime, file) for file in path.parent.iterdir()]
        for _, file in sorted(there)[:-most]:
            file.unlink(missing_ok=True)
