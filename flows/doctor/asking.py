"""What an address tells a stranger who asks there by HTTP, with no password and no token."""

import http.client
import urllib.request

ANSWER_SECONDS = 15.0  # of a server that is busy
# A proxy would answer for the address, or reach another one by that name.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def told(url: str, seconds: float = ANSWER_SECONDS) -> bytes:
    """The answer's body; empty where it is refused, late, or nobody there speaks HTTP."""
    try:
        with _OPENER.open(url, timeout=seconds) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, ValueError, http.client.HTTPException):
        return b""
