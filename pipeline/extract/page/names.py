"""The names that mean something in a page: of elements, of attributes, and in class and id.

A name's number is its place here, so the order is part of the model that was trained with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.extract.markup import hash_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAGS = (
    "", "html", "head", "body", "title", "p", "div", "span", "a", "li", "ul", "ol", "h1", "h2",
    "h3", "h4", "h5", "h6", "td", "th", "tr", "table", "tbody", "thead", "tfoot", "caption", "dl",
    "dt", "dd", "nav", "header", "footer", "aside", "article", "main", "section", "form", "figure",
    "figcaption", "blockquote", "pre", "code", "button", "label", "select", "option", "optgroup",
    "address", "details", "summary", "fieldset", "center", "dialog", "menu", "hgroup", "legend",
    "dir", "listing", "search", "br", "hr", "img", "input", "meta", "link", "base", "area", "col",
    "embed", "param", "source", "track", "wbr", "colgroup", "script", "style", "textarea", "xmp",
    "iframe", "noembed", "noframes", "noscript", "template", "svg", "math", "annotation", "object",
    "video", "audio", "canvas", "picture", "rp", "rt", "b", "strong", "i", "em", "u", "time",
)  # fmt: skip
VOID = "br hr img input meta link base area col embed param source track wbr"
RAW = "script style textarea title xmp iframe noembed noframes"
HIDDEN = (
    "head title select option optgroup script style textarea xmp iframe noembed noframes template "
    "svg annotation object video audio canvas rp rt"
)
BLOCK = (
    "html body p div li ul ol h1 h2 h3 h4 h5 h6 td th tr table tbody thead tfoot caption dl dt dd "
    "nav header footer aside article main section form figure figcaption blockquote pre address "
    "details summary fieldset center dialog menu hgroup legend dir listing search hr option "
    "button select textarea iframe video object"
)
CLOSES_P = (  # whose start ends a paragraph (html.spec.whatwg.org, 13.2.6.4.7)
    "p div li ul ol h1 h2 h3 h4 h5 h6 table dl dt dd nav header footer aside article main section "
    "form figure figcaption blockquote pre address details summary fieldset center dialog menu "
    "hgroup dir listing search hr"
)
SCOPE = "html table td th caption template object svg math"  # no end tag reaches through these
HEADINGS = "h1 h2 h3 h4 h5 h6"

# What an element's start ends, and within what: the rows of a table end in their table only.
ENDS = (
    ("li", "li", "ul ol menu dir"),
    ("dt dd", "dt dd", "dl"),
    ("tr", "tr td th caption colgroup", "table"),
    ("td th", "td th", "tr table"),
    ("tbody thead tfoot", "tbody thead tfoot tr td th caption colgroup", "table"),
    ("option optgroup", "option", "select"),
    (HEADINGS, HEADINGS, ""),
    ("a", "a", "td th table"),
    ("button", "button", ""),
    ("body", "head", ""),
)

ATTRIBUTES = ("", "class", "id", "role", "itemprop", "hidden", "aria-hidden", "style", "lang")
HINTS = {
    "nav": "nav navbar navigation navi menu menubar submenu breadcrumb breadcrumbs crumbs topbar "
    "toolbar pagination pager tabs tablist tab dropdown megamenu sitemap skip",
    "header": "header masthead banner logo branding brand hero top",
    "footer": "footer foot copyright legal colophon bottom contentinfo",
    "side": "sidebar side aside widget widgets rail secondary complementary sidenav leftcol "
    "rightcol right left",
    "comment": "comment comments disqus respond commentlist discussion feedback commenter",
    "share": "share sharing social follow twitter facebook addtoany pinterest linkedin instagram "
    "sharedaddy email print",
    "related": "related recommended recommend recommendations similar popular trending latest "
    "suggestions suggested next prev previous teaser teasers more recent also outbrain taboola",
    "promo": "ad ads advert advertisement adsense sponsor sponsored promo promotion promoted "
    "dfp cta offer deal affiliate marketing",
    "consent": "cookie cookies consent gdpr privacy onetrust",
    "overlay": "modal popup overlay dialog lightbox tooltip toast drawer offcanvas alert notice",
    "sign": "newsletter subscribe signup subscription login signin register account form "
    "mailchimp contact",
    "meta": "meta byline author date time published posted timestamp datetime publish updated",
    "tags": "tags tag category categories label labels topic topics keywords badge chip",
    "bio": "bio profile avatar about user username member",
    "content": "content contents maincontent contentarea copy text richtext rte editor",
    "main": "main primary page container wrapper mainbody",
    "article": "article articlebody post postcontent entry story blog news body articletext",
    "title": "title headline heading subtitle subheading entrytitle",
    "lead": "lead intro introduction summary excerpt abstract standfirst dek deck lede",
    "product": "product products price cart buy shop sku variant woocommerce stock quantity",
    "detail": "description desc details detail specs specification specifications features "
    "feature overview information info ingredients",
    "review": "review reviews rating ratings testimonial testimonials stars",
    "thread": "thread message messages postbody replies reply forum answer answers question "
    "questions bbcode usertext topictitle postcell",
    "signature": "signature sig permalink report quote vote votes like likes karma",
    "code": "code highlight syntax codehilite prettyprint",
    "hidden": "hidden hide sr visually screen reader invisible offscreen screenreader srOnly",
    "search": "search filter filters sort facet facets query results result",
    "figure": "caption figcaption figure image images img photo gallery carousel slider swiper "
    "slide thumbnail thumb media video player credit",
    "card": "card cards grid tile tiles item items list listing collection feed",
    "doc": "docs documentation markdown prose doc readme wiki mw docutils sphinx section rst api",
    "toc": "toc outline tableofcontents contentstable index",
    "note": "references reference footnotes footnote citation notes disclaimer",
    "service": "service services benefits process steps step faq faqs accordion pricing plan plans "
    "team",
    "edit": "edit edition action actions button buttons btn link links icon icons toggle",
    "hidestyle": "",  # hidden by an attribute or a style of its own
}

# Words that running text is full of and menus are not, in ten languages.
STOP_WORDS = (
    "the of and to in is that it for was with as be on by this are from at or have not but an his "
    "they which you we she he had were been their its has will would there what can if all your "
    "so about when who them than how de la le les des et en un une du que qui dans pour est pas "
    "sur au par ce il ne se avec plus son sont el los las por con para es una como del al lo su "
    "der die das und ist von mit den für im auf ein eine nicht sich dem zu auch als wie bei aus "
    "di che non per sono della nel alla com não uma os mais het een van voor niet zijn w na nie "
    "się jest och att som på är av det i и в не на что с по как это из bir ve için bu"
)


def table(pairs: list[tuple[str, int]]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Hashes and their values, laid out for a look-up by the lowest bits and the next free place.

    Args:
        pairs: names with their values; a name that stands twice has both values' bits.
    """
    size = 1 << (4 * len(pairs)).bit_length()
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    for name, value in pairs:
        hashed = hash_of(name)
        place = hashed & (size - 1)
        while keys[place] not in (0, hashed):
            place = (place + 1) & (size - 1)
        keys[place] = hashed
        values[place] |= np.uint64(value)
    return keys, values


def flags(names: str) -> NDArray[np.bool_]:
    """Which elements' numbers are among `names`."""
    return np.isin(np.array(TAGS), names.split())


TAG_TABLE = table([(name, number) for number, name in enumerate(TAGS) if name])
ATTRIBUTE_TABLE = table([(name, number) for number, name in enumerate(ATTRIBUTES) if name])
HINT_TABLE = table(
    [(word, 1 << bit) for bit, words in enumerate(HINTS.values()) for word in words.split()]
)
STOP_TABLE = table([(word, 1) for word in STOP_WORDS.split()])
HIDDEN_BY_STYLE = np.uint64(1 << list(HINTS).index("hidestyle"))
NUMBER = {name: number for number, name in enumerate(TAGS)}
