"""One deadline for a whole request: a server that sends a byte now and then does not pass it.

The HTTP library's own limits are for one read each, and begin anew with every byte. A request is
made by one thread from start to end, so its deadline is the thread's.
"""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

_thread = threading.local()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that this thread reads or writes in here ends within `seconds`."""
    _thread.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        del _thread.ends


def left(timeout: float | None) -> float | None:
    """The seconds that remain, at most `timeout`.

    Raises:
        httpcore2.ReadTimeout: none do.
    """
    ends = getattr(_thread, "ends", None)
    if ends is None:
        return timeout
    seconds = float(ends) - time.monotonic()
    if seconds <= 0:
        msg = "the request took too long"
        raise httpcore2.ReadTimeout(msg)
    return seconds if timeout is None else min(timeout, seconds)


class TimedStream(httpcore2.NetworkStream):
    """A connection whose every operation ends by the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`; none at the end."""
        return self._stream.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of `buffer`."""
        self._stream.write(buffer, left(timeout))

    def close(self) -> None:
        """Give the socket back."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted, under the same deadline."""
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """What the socket knows: `server_addr` and the like."""
        return self._stream.get_extra_info(info)
