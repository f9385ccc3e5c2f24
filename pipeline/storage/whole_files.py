"""Files that are used as they are: each is read to its end first, and refused if it was changed.

Tables have a checksum for each page; what lies beside them (archives, tokenizers, models) has the
SHA-256 of its receipt, without which a flipped bit in a tokenizer would be other tokens.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import DamagedFile
from pipeline.storage.files import Files
from schemas.artifact import StoredFile

WHOLE_BYTES = 16 << 20  # a larger file that lies far away is read in pieces where it is needed
PIECE_BYTES = 1 << 20


class WholeFiles:
    """Opens files of a store; each is verified once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._verified: set[str] = set()

    def open(self, file: StoredFile) -> BinaryIO:
        """A file, to read from any place in it.

        Of a large one far away only the length is known to be right: what keeps it there sees to
        the rest.
        """
        content = self._files.open(file.path)
        if self._files.uri.startswith("file:") or file.size <= WHOLE_BYTES:
            try:
                self._verify(file, content, at=file.path)
            except BaseException:
                content.close()
                raise
        return content

    def local(self, file: StoredFile, scratch: Path) -> Path:
        """A file on this machine's disk, fetched into `scratch` where it lies far away."""
        path = self._files.local(file.path, scratch)
        try:
            with path.open("rb") as content:
                self._verify(file, content, at=str(path))
        except DamagedFile:
            if path.is_relative_to(scratch):
                path.unlink()
            raise
        return path

    def _verify(self, file: StoredFile, content: BinaryIO, *, at: str) -> None:
        """Read a file to its end and go back."""
        if at in self._verified:
            return
        found = hashlib.sha256()
        while piece := content.read(PIECE_BYTES):  # a BinaryIO has no `readinto`
            found.update(piece)
        content.seek(0)
        if found.hexdigest() != file.sha256:
            problem = "its bytes are not those that were written"
            raise DamagedFile(file.path, stage=file.path.split("/")[1], problem=problem)
        self._verified.add(at)
