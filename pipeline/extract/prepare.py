"""What happens to a page before it reaches a parser: decoding, and the limits on what it may cost.

All of it is linear and safe on any bytes, and runs in the worker itself.
"""

from pipeline.extract.encoding import decode
from pipeline.extract.limits import Limits
from pipeline.extract.media import media
from pipeline.extract.request import Request


def prepare(
    payload: bytes, content_type: str | None, url: str, limits: Limits
) -> tuple[Request, str]:
    """Decode a payload; the request and the encoding it was in.

    Raises:
        Refused: it is too large, no HTML or text, in no known encoding, or too much for a parser.
    """
    limits.check_size(payload)
    is_html = media(payload, content_type) == "html"
    text, encoding = decode(payload, content_type)
    if is_html:
        limits.check_tags(text)
    return Request(text, url, is_html), encoding
