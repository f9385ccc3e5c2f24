"""Bringing a file of a store to this machine's disk, where it does not lie as it is read."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.storage.files import Files

PIECE_BYTES = 8 << 20


def fetched(files: "Files", path: str, scratch: Path) -> Path:
    """The file in `scratch`, whole; fetched once."""
    target = scratch / "fetched" / path
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{secrets.token_hex(8)}")
        with files.open(path) as source, part.open("wb") as copy:
            while piece := source.read(PIECE_BYTES):
                copy.write(piece)
        part.replace(target)
    return target
