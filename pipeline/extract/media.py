"""What kind of content a payload is: what its server calls it, and what its first bytes show."""

from typing import Literal, NamedTuple
from urllib.parse import unquote

from pipeline.extract.errors import Reason, Refused

HTML_TYPES = ("text/html", "application/xhtml+xml")
XML_TYPES = ("application/xml", "text/xml")  # XHTML, or a feed
TEXT_TYPES = ("text/plain", "text/markdown")
UNKNOWN_TYPES = ("", "application/octet-stream", "unknown/unknown")

# How files begin that are served as HTML by mistake (mimesniff.spec.whatwg.org, 6).
MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b\x08", "a gzip file"),
    (b"OggS\x00", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"wOF2", "a font"),
    (b"\x7fELF", "a program"),
)
LOOKED_AT = 1024  # bytes
WIKITEXT = "text/x-wiki"


class TextType(NamedTuple):
    """What a source says of a text that it holds as text."""

    language: str | None
    hidden: str | None  # of wikitext alone: namespaces whose links show nothing, with commas


def text_type(content_type: str | None) -> TextType:
    """What stands in `text/x-wiki; language=de; hidden=File%2CDatei`."""
    media_type, *rest = (content_type or "").split(";")
    said = {
        name.strip(): unquote(value) for name, _, value in (each.partition("=") for each in rest)
    }
    hidden = said.get("hidden", "") if media_type.strip() == WIKITEXT else None
    return TextType(said.get("language"), hidden)


def media(payload: bytes, content_type: str | None) -> Literal["html", "text"]:
    """Whether a payload is read as HTML or as plain text.

    Raises:
        Refused: it is neither.
    """
    for magic, what in MAGIC:
        if payload.startswith(magic):
            raise Refused(Reason.NOT_HTML, f"its bytes are {what}")
    declared = (content_type or "").partition(";")[0].strip().lower()
    if declared in HTML_TYPES:
        return "html"
    if declared in TEXT_TYPES:
        return "text"
    head = payload[:LOOKED_AT].replace(b"\0", b"").lower()  # UTF-16's
    if declared in (*XML_TYPES, *UNKNOWN_TYPES) and (b"<html" in head or b"<!doctype html" in head):
        return "html"
    if declared in UNKNOWN_TYPES and b"<?xml" not in head:
        return "html" if b"</" in head or b"<p" in head else "text"
    raise Refused(Reason.NOT_HTML, f"its content type is {declared[:80]}")
