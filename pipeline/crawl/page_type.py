"""Which answers are pages."""

HTML_TYPES = ("text/html", "application/xhtml+xml")
PAGE_TYPES = (*HTML_TYPES, "text/plain")


def page_type(content_type: str | None, body: bytes) -> str | None:
    """The media type of what can be read, else None. Where none is given the body decides."""
    media = (content_type or "").partition(";")[0].strip().lower()
    if not media:
        return "text/html" if body.lstrip()[:1] == b"<" else None
    return media if media in PAGE_TYPES else None
