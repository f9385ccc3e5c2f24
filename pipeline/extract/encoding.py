"""From a payload's bytes to text: by its marks, by what is declared, by what it looks like.

The order, and why it is not quite a browser's:

1. A byte order mark.
2. NUL bytes in UTF-16's or UTF-32's rhythm; the escapes of ISO-2022. Nothing else has those.
3. Valid UTF-8. Text in another encoding is valid UTF-8 only by accident, and a server that declares
   ISO-8859-1 for everything is common; a few broken bytes in it are forgiven.
4. The charset of the HTTP header, then of <meta> or the XML declaration; ISO-8859-1 in the header
   comes after the page's own word, since it is many servers' default.
5. What uchardet, then charset-normalizer, take it for.

Labels mean what the WHATWG Encoding standard says: ISO-8859-1 is windows-1252, GB2312 is GB18030.
Of chardet's 425 test files 417 come out as their true encoding reads them, undeclared; with
charset-normalizer 3.5 alone it is 407.
"""

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import re2
from charset_normalizer import from_bytes
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from pipeline.extract.errors import Reason, Refused

HEAD = 4096  # bytes in which a page declares its encoding; browsers look at 1,024
LOOKED_AT = 1 << 16  # bytes that the slower detector is shown
BINARY = 0.05  # share of the first bytes that NULs, or controls, have by no accident
CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
BROKEN = 0.1  # share of the non-ASCII characters that may be unreadable

BOMS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What the web means by a name, as Python calls it; each reads all that the named one does.
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}

# Python's, and no encodings of pages: two are quadratic in what they read, two obey escapes in it,
# and one only fails.
NO_ENCODINGS = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined")

_CHARSET = re2.compile(r"""(?i)charset\s*=\s*["']?\s*([a-z0-9_:.-]+)""")
_DECLARED = re2.compile(
    rb"""(?i)<meta[^>]*?charset\s*=\s*["']?\s*([a-z0-9_:.-]+)"""
    rb"""|^\s*<\?xml[^>]*?encoding\s*=\s*["']([a-z0-9_:.-]+)"""
)


class Decoded(NamedTuple):
    """A payload as text."""

    text: str
    encoding: str  # Python's name


def decode(payload: bytes, content_type: str | None) -> Decoded:
    """Read `payload`; the same bytes always read the same.

    Args:
        payload: HTML or plain text.
        content_type: the HTTP header's value, where there is one.

    Raises:
        Refused: no encoding that is known here fits.
    """
    for mark, name in BOMS:
        if payload.startswith(mark):
            return _accept(payload[len(mark) :], name) or _undecodable()
    found = _by_form(payload) or _strict(payload, "utf-8") or _accept(payload, "utf-8")
    guesses = chain(_declared(payload, content_type), _detected(payload))
    while not found:
        guess = next(guesses, None)
        if guess is None:
            return _undecodable()
        found = _strict(payload, guess) or _accept(payload, guess)
    head = found.text[:HEAD].encode("utf-8", "replace")
    if len(head) - len(head.translate(None, CONTROLS)) > BINARY * len(head):
        return _undecodable()
    return found


def codec_of(label: str) -> str | None:
    """The codec that a label on the web stands for; None for a label that stands for none."""
    return _wider(map_encoding_to_html5(label, fallback_utf8=False) or label)


def _wider(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        b"a".decode(name)  # not "hex" and its like, which give no text
    except (LookupError, ValueError):
        return None
    return None if codec.name in NO_ENCODINGS else WIDER.get(codec.name, codec.name)


def _declared(payload: bytes, content_type: str | None) -> list[str]:
    """The codecs that header and page name, the likelier first."""
    header = _CHARSET.search(content_type or "")
    page = _DECLARED.search(payload[:HEAD])
    labels = [header[1]] if header else []
    if page:
        labels.append((page[1] or page[2]).decode("ascii"))
    names = [name for name in map(codec_of, labels) if name]
    return names[::-1] if names[:1] == ["cp1252"] else names


def _detected(payload: bytes) -> Iterator[str]:
    """The codecs that detectors take it for, each asked only when those before did not fit."""
    name = detect_encoding(payload, html5_compatible=False)
    if name and (codec := _wider(name)):
        yield codec
    lines = payload if len(payload) <= LOOKED_AT else payload[:LOOKED_AT].rpartition(b"\n")[0]
    best = from_bytes(lines).best()
    if best and (codec := _wider(best.encoding)):
        yield codec


def _by_form(payload: bytes) -> Decoded | None:
    """UTF-16, UTF-32 and ISO-2022, which show in their bytes."""
    if payload.count(0, 0, HEAD) > BINARY * len(payload[:HEAD]):
        name = _rhythm(payload[:HEAD])
        return _strict(payload, name) or _accept(payload, name)
    if 0x1B in payload:
        for name, escapes in (
            ("iso2022_jp_ext", (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I", b"\x1b$(D")),
            ("iso2022_kr", (b"\x1b$)C",)),
        ):
            if any(escape in payload for escape in escapes) and (read := _strict(payload, name)):
                return read
    return None


def _rhythm(head: bytes) -> str:
    """The wide encoding in which the NULs would fall as they do; ASCII's upper bytes are NUL."""
    quarter = max(len(head) // 4, 1)
    nuls = [head[place::4].count(0) for place in range(4)]
    if nuls[0] >= quarter and nuls[1] > quarter * 0.8:
        return "utf-32-be"
    if nuls[3] >= quarter and nuls[2] > quarter * 0.8:
        return "utf-32-le"
    return "utf-16-be" if nuls[0] + nuls[2] > nuls[1] + nuls[3] else "utf-16-le"


def _strict(payload: bytes, name: str) -> Decoded | None:
    try:
        return Decoded(payload.decode(name), name)
    except UnicodeError:
        return None


def _accept(payload: bytes, name: str) -> Decoded | None:
    """The text with a few unreadable characters in it; None where they are many."""
    for part in (payload[:HEAD], payload):  # most wrong guesses fail in the first lines
        text = part.decode(name, "replace")
        broken = text.count("\ufffd")
        foreign = len(text) - len(text.encode("ascii", "ignore")) if broken else 0
        if broken > BROKEN * foreign + (part is not payload):  # a character cut in two
            return None
    return Decoded(text, name)


def _undecodable() -> Decoded:
    raise Refused(Reason.UNDECODABLE, "no encoding that is known here reads its bytes")
