"""Private data out of texts: every span gives way to the name of its kind."""

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import BadStage


def redact(text: pa.Array, spans: pa.Array) -> pa.Array:
    """The texts with `<EMAIL>`, `<PHONE>`, ... in the place of each span.

    Args:
        text: n strings or nulls.
        spans: `signals.private_data`'s column: byte offsets and kinds, sorted, not overlapping.

    Returns:
        n strings of the type of `text`; a text without spans is the same, byte for byte.

    Raises:
        BadStage: a span lies outside its text, or before the end of the one before it.
    """
    text, spans = _whole(text), _whole(spans)
    some = pc.greater(pc.list_value_length(spans), 0).fill_null(False)
    touched = pc.and_(pc.is_valid(text), some)
    if not pc.any(touched).as_py():
        return text
    rows = zip(text.filter(touched), spans.filter(touched).to_pylist(), strict=True)
    redacted = [_redacted(value.as_buffer().to_pybytes(), found) for value, found in rows]
    return pc.replace_with_mask(text, touched, pa.array(redacted, type=text.type))


def _redacted(text: bytes, spans: list[dict[str, int | str]]) -> str:
    pieces, done = [], 0
    for span in spans:
        start, stop, kind = int(span["start"]), int(span["stop"]), str(span["kind"])
        if not done <= start <= stop <= len(text):
            msg = (
                f"a span of private data, {start} to {stop}, does not fit a text of {len(text)} "
                f"bytes with {done} behind it: the spans were measured on another text"
            )
            raise BadStage(msg)
        pieces += [text[done:start], f"<{kind.upper()}>".encode()]
        done = stop
    return b"".join((*pieces, text[done:])).decode("utf-8")


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
