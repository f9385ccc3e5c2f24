"""What an address tells a stranger who asks there by HTTP, with no password and no token."""

import http.client
import urllib.request

ANSWER_SECONDS = 15.0  # of a server that is busy


def told(url: str) -> bytes:
    """The answer's body; empty where it is refused, or nobody there speaks HTTP."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, ValueError, http.client.HTTPException):
        return b""
