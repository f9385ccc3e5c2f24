"""Messages over a pipe: two lengths of eight bytes, JSON, and texts as they are, in UTF-8.

Not pickles: one end has parsed pages of strangers, and a pickle can run code at the other. Texts
are outside of the JSON since escaping them costs as much as parsing their page.
"""

import json
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

HEAD = 16  # bytes


class Message(NamedTuple):
    """What goes over the pipe."""

    fields: Any  # JSON
    texts: Sequence[str] = ()


def packed(message: Message) -> bytes:
    """A message as it goes over the pipe."""
    texts = [text.encode() for text in message.texts]
    fields = json.dumps([message.fields, [len(text) for text in texts]]).encode()
    size = sum(map(len, texts))
    return b"".join((len(fields).to_bytes(8, "big"), size.to_bytes(8, "big"), fields, *texts))


def sizes(head: bytes | bytearray) -> tuple[int, int]:
    """Bytes of JSON and of texts after the first `HEAD` bytes of a message."""
    return int.from_bytes(head[:8], "big"), int.from_bytes(head[8:HEAD], "big")


def unpacked(fields: bytes | bytearray, body: memoryview) -> Message:
    """The message of these JSON and text bytes."""
    value, lengths = json.loads(fields)
    texts, start = [], 0
    for length in lengths:
        texts.append(str(body[start : start + length], "utf-8"))
        start += length
    return Message(value, texts)


def received(stream: BinaryIO) -> Message | None:
    """The next message; None where the other end has closed the pipe."""
    head = stream.read(HEAD)
    if len(head) < HEAD:
        return None
    fields, body = (stream.read(size) for size in sizes(head))
    if (len(fields), len(body)) != sizes(head):
        return None
    return unpacked(fields, memoryview(body))
