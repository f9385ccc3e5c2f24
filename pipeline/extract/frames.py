"""Messages over a pipe: eight bytes of length, then JSON.

Not pickles: one end has parsed pages of strangers, and a pickle can run code at the other.
"""

import json
from typing import Any, BinaryIO

LENGTH = 8  # bytes


def packed(message: Any) -> bytes:
    """A message as it goes over the pipe."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return len(body).to_bytes(LENGTH, "big") + body


def received(stream: BinaryIO) -> Any:
    """The next message; None where the other end has closed the pipe."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    return json.loads(body) if len(body) == size else None
