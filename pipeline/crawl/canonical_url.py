"""One spelling for every address, so that a page is fetched, named and compared once.

Parsing is the WHATWG URL standard's, by Ada, the parser of Node.js. Beyond it: the fragment goes,
percent-escapes of unreserved characters are undone and the others are upper case (RFC 3986,
6.2.2), an empty query and the host's final dot go. Parameters stay, in their order: what they
mean is the site's affair.
"""

import re
import string

import ada_url

LONGEST = 4096  # characters; longer addresses are traps more often than pages
UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
PORT = re.compile(r":[0-9]+$")
ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
# Nothing that any rule would change: a name that is no number and not encoded, no dot segment, no
# port, no escape. Most addresses are like that, and parsing them says the same fifty times slower.
PLAIN = re.compile(
    r"https?://(?!\S*xn--)(?:[a-z0-9][a-z0-9-]*\.)+[a-z][a-z0-9-]*"
    r"(?:/(?!\.)[A-Za-z0-9._~-]*)+(?:\?[A-Za-z0-9=&._~-]+)?",
    re.ASCII,
)


def canonical(url: str, base: str | None = None) -> str | None:
    """The canonical spelling of an http or https address.

    Args:
        url: as written in a page or a recipe; relative to `base` where that is given.
        base: absolute.

    Returns:
        None where it is no address that a crawl can fetch: another scheme, not a URL, too long, or
        with a user name in it.
    """
    if len(url) > LONGEST:
        return None
    if PLAIN.fullmatch(url):
        return url
    try:
        parsed = ada_url.join_url(base, url) if base else ada_url.normalize_url(url)
    except (ValueError, UnicodeEncodeError):
        return None
    # What the standard's serializer gives, always has `//` and, after the host, a path.
    scheme, _, rest = parsed.partition("#")[0].partition("//")
    authority, _, place = rest.partition("/")
    if scheme not in ("http:", "https:") or "@" in authority:
        return None
    name, colon, port = authority.rpartition(":") if PORT.search(authority) else (authority, "", "")
    name = name.rstrip(".")
    if not name:
        return None
    if place.endswith("?") and place.count("?") == 1:
        place = place[:-1]
    if "%" in place:
        place = ESCAPE.sub(plain_escape, place)
    spelled = f"{scheme}//{name}{colon}{port}/{place}"
    return spelled if len(spelled) <= LONGEST else None


def origin(url: str) -> str:
    """Scheme, host and port of a canonical URL: `https://example.org`."""
    scheme, _, rest = url.partition("//")
    return f"{scheme}//{_authority(rest)}"


def host(url: str) -> str:
    """Host and, where it is not the scheme's own, port of a canonical URL: `example.org:8080`."""
    return _authority(url.partition("//")[2])


def target(url: str) -> str:
    """What is asked for at the origin: path and query of a canonical URL."""
    return url[len(origin(url)) :]


def _authority(rest: str) -> str:
    return rest.partition("/")[0].partition("?")[0]


def plain_escape(escape: re.Match[str]) -> str:
    """An escape as it is spelled: the character itself where it is unreserved, else upper case."""
    character = chr(int(escape[1], 16))
    return character if character in UNRESERVED else escape[0].upper()
