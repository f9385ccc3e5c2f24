"""Reading receipts and manifests: whole, and of the format that this code knows."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import ValidationError

from pipeline.errors import WrongFormat
from pipeline.storage.errors import DamagedRecord
from schemas.artifact import FORMAT, Manifest, Receipt

T = TypeVar("T", Manifest, Receipt)


def read_record(kind: type[T], content: bytes, what: str) -> T:
    """The record in a file.

    Args:
        kind: which.
        content: of the file.
        what: how a sentence calls it.

    Raises:
        DamagedRecord: it is not what was written.
        WrongFormat: it is of another format version.
    """
    try:
        found = json.loads(content).get("format")
        if found == FORMAT:
            return kind.model_validate_json(content)
    except (ValueError, AttributeError, ValidationError) as error:
        raise DamagedRecord(what, problem=str(error).splitlines()[0]) from error
    raise WrongFormat(what, found=found, known=FORMAT)
