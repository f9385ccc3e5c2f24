"""Pages that want to be more than text."""

from tests.tiny_corpus import SITE, page, prose

SCRIPT = "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
TURNED = "\u202egnp.exe\u202c \u2066hidden\u2069 \u200bpage"
LONG = "long" * 1500
JAVASCRIPT = "javascript:window.hit=3//pages.example"
DATA = "data:text/html,<script>window.hit=4</script>"
QUOTED = f"{SITE}a?\"><script>window.hit=5</script>&'"


def hostile_pages():
    """Script in titles, addresses that are no links, turned writing, and very long strings."""
    made = {
        40: page(40, prose(40), SCRIPT),
        41: page(41, prose(41), TURNED),
        42: page(42, prose(42), LONG),
        43: page(43, prose(43), "An address that is a program") | {"url": JAVASCRIPT},
        44: page(44, prose(44), "An address that is a page") | {"url": DATA},
        45: page(45, prose(45), "An address with quotes") | {"url": QUOTED},
        46: page(46, prose(46), "A long address") | {"url": f"{SITE}{LONG}.html"},
    }
    # nearly the same as 44: they share a cluster
    made[47] = page(47, prose(44) + "\nAnd one more sentence.", SCRIPT)
    return made
