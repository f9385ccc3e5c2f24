"""Pages that are made to hurt, each with what becomes of it."""

from tests.pipeline.extract.pages import Given

WORDS = "Size does not always matter, but now and then it does; whoever tried it knows. "
SECRET = "root:x:0:0"  # in the file that they would have us read


def article(text, before=""):
    return f"{before}<!doctype html><html><body><p>{text}</p></body></html>".encode()


def entities(declared):
    levels = "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "{declared}">{levels}]>'


THIEF = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
XHTML = "application/xhtml+xml"
MANY = " ".join(f"a{number}=1" for number in range(1_000_000))

# Address -> body, content type, and the reason why it is quarantined; None for a page with text.
PAGES = {
    "nested": (b"<div>" * 400_000, None, "too_deep"),
    "wide": (b"<p>a<b>b</b>" * 600_000, None, "too_many_tags"),
    "attributes": (f"<p {MANY}>x".encode(), None, "too_many_bytes"),
    "some attributes": (f"<p {MANY[:6_000_000]}>x".encode(), None, "too_many_attributes"),
    "one node": (article("a" * 50_000_000), None, "too_many_bytes"),
    "half a node": (article(WORDS * 90_000), None, None),
    "one word": (article("a" * 7_000_000), None, None),
    "endless": (b"<!--" + b"-" * 7_000_000, None, None),
    "entities": (article(f"&i; {WORDS * 9}", entities("aaaaaaaaaa")), None, None),
    "entities of XML": (article(f"&i; {WORDS * 9}", entities("aaaaaaaaaa")), XHTML, None),
    "thief": (article(f"&f; {WORDS * 9}", THIEF), XHTML, None),
    "references": (article("&#xD800;&#0;&#x110000;&#xFFFF;" + WORDS * 9), None, None),
    "NULs": (article("\0".join(WORDS * 9)), None, None),
    "controls": (article(WORDS * 9 + "\x1b]0;x\x07\x9b31m\u202e\u2066"), None, None),
    "surrogates": (article(WORDS * 9) + b"\xed\xa0\x80", None, None),
    "no UTF-16": (article(WORDS * 9), "text/html; charset=utf-16", None),
    "punycode": (
        b"<meta charset=punycode>\xff" + b"ab" * 20 + b"-" + b"a" * 7_000_000,
        "text/html; charset=punycode",
        None,
    ),
    "escapes": (article(WORDS * 9 + "\\u202e"), "text/html; charset=unicode_escape", None),
    "zlib": (article(WORDS * 9), "text/html; charset=zlib_codec", None),
    "neighbour": (article(WORDS * 9), None, None),
}


def given():
    return tuple(
        Given(url=url, body=body, content_type=content_type or "text/html")
        for url, (body, content_type, _) in PAGES.items()
    )
