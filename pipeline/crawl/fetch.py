"""One HTTP request, bounded in bytes and time, never tried again and never redirected by itself.

Redirects are the caller's to follow, since each hop has to pass robots.txt, the scope and the
address guard. Proxies in the environment are not used. Only gzip is asked for, and bodies are
inflated as they come, under the limit on the bytes that come out.
"""

import ssl
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import NamedTuple, Self

import httpcore2

from pipeline.crawl import canonical_url
from pipeline.crawl.address import GuardedBackend, Network
from pipeline.crawl.deadline import deadline
from pipeline.crawl.errors import AddressRefused, FetchFailed
from pipeline.crawl.source import AGENT
from schemas.record import Record

ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.1"
REDIRECTS = (301, 302, 303, 307, 308)
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
REQUEST_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
)


def user_agent(contact: str) -> str:
    """What a crawl calls itself; servers are told where its owner is reached."""
    return f"{AGENT}/1 (+{contact})" if contact else f"{AGENT}/1"


class Limits(Record):
    """What one request may take."""

    most_bytes: int  # of a decoded body
    seconds: float  # from connecting to the last byte
    connections: int  # open at once, over all hosts


class Answer(NamedTuple):
    """What a server said."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]  # as sent
    body: bytes  # decoded
    fetched: datetime
    address: str

    def header(self, name: str) -> str | None:
        """The values of a header, in any case, with a comma between them; None without one."""
        found = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(found) if found else None


class Fetcher:
    """Fetches for all threads of a crawl."""

    def __init__(self, limits: Limits, *, user_agent: str, opened: Iterable[Network] = ()) -> None:
        self.limits = limits
        self._fixed = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=limits.connections,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(opened),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        most_bytes: int | None = None,
        wanted: Callable[[Answer], bool] = lambda _: True,
    ) -> Answer:
        """What the server says to a request for `url`.

        Args:
            url: canonical.
            headers: beyond those of every request.
            most_bytes: of the body; the crawl's own limit by default.
            wanted: judges an answer by its headers; the body of one not wanted is not read.

        Raises:
            FetchFailed: no answer came that is whole and within the limits.
        """
        limit = most_bytes or self.limits.most_bytes
        whole = {**self._fixed, "Host": canonical_url.host(url), **(headers or {})}
        try:
            with (
                deadline(self.limits.seconds),
                self._pool.stream("GET", url, headers=list(whole.items())) as response,
            ):
                answer = _head(url, response)
                if not wanted(answer):
                    return answer
                coding = (answer.header("content-encoding") or "identity").lower()
                return answer._replace(body=_within(response.iter_stream(), coding, limit))
        except AddressRefused as error:
            raise FetchFailed(str(error), slug="address", passing=False) from error
        except REQUEST_ERRORS as error:
            slug = "timeout" if isinstance(error, httpcore2.TimeoutException) else "network"
            detail = f"{type(error).__name__}: {error}"
            raise FetchFailed(detail, slug=slug, passing=True) from error


@cache
def _ssl_context() -> ssl.SSLContext:
    """The trusted certificates, read once a process: that takes a tenth of a second."""
    return httpcore2.default_ssl_context()


def _head(url: str, response: httpcore2.Response) -> Answer:
    """An answer before its body has come."""
    headers = tuple((name.decode("latin-1"), _text(value)) for name, value in response.headers)
    server = response.extensions["network_stream"].get_extra_info("server_addr")
    return Answer(url, response.status, headers, b"", datetime.now(UTC), str(server[0]))


def retry_after(answer: Answer) -> float:
    """The seconds that a server asks to be left alone for; 0 where it does not say."""
    value = (answer.header("retry-after") or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - answer.fetched).total_seconds())
    except (ValueError, TypeError):  # not a date, or one without a zone
        return 0.0


def _within(pieces: Iterable[bytes], coding: str, limit: int) -> bytes:
    """The decoded body.

    Raises:
        FetchFailed: more than `limit` bytes come out, or the coding is broken or not gzip.
    """
    if coding not in ("identity", "gzip", "x-gzip"):
        msg = f"the body is in the coding {coding!r}, which was not asked for"
        raise FetchFailed(msg, slug="coding", passing=False)
    inflater = zlib.decompressobj(31) if coding != "identity" else None
    body = bytearray()
    try:
        for piece in pieces:
            body += inflater.decompress(piece, limit + 1 - len(body)) if inflater else piece
            if len(body) > limit:
                msg = f"the body is larger than {limit:,} bytes"
                raise FetchFailed(msg, slug="too_large", passing=False)
    except zlib.error as error:
        msg = f"the gzip body is broken: {error}"
        raise FetchFailed(msg, slug="coding", passing=False) from error
    if inflater and body and not inflater.eof:
        msg = "the gzip body ends too soon"
        raise FetchFailed(msg, slug="network", passing=True)
    return bytes(body)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
