"""Reading one page: what runs in the sandbox, since pages can make it hang or crash.

A pure function: a page gives the same text in any process, alone or among others.
"""

from lxml.etree import LxmlError

from pipeline.extract.errors import Reason
from pipeline.extract.extractor import Extracted, Extractor
from pipeline.extract.normalise import normalise, one_line, well_formed
from pipeline.extract.repair import repair
from pipeline.extract.request import Reading, Refusal, Request

# What parsers raise on purpose or by mistake; all else is ours to mend.
FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    LxmlError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read(request: Request, extractor: Extractor, *, mend: bool) -> Reading | Refusal:
    """Extract, repair and normalise one page.

    Args:
        request: the page.
        extractor: for HTML; plain text is taken as it is.
        mend: whether to undo mojibake.
    """
    try:
        found = _extracted(request, extractor)
    except FAILURES as error:
        what = f"{extractor.kind()} raised {type(error).__name__}"
        return Refusal(Reason.PARSER_FAILED, what)
    text = well_formed(found.text)
    mended = repair(text) if mend else text
    title = repair(well_formed(found.title or "")) if mend else found.title
    return Reading(normalise(mended), one_line(title), _tag(found.language), mended != text)


def _extracted(request: Request, extractor: Extractor) -> Extracted:
    if request.is_html:
        return extractor.extract(request.content, request.url)
    return Extracted(request.content, None, None)


def _tag(language: str | None) -> str | None:
    """A language tag as browsers compare it, `zh-cn`; None for what is none."""
    tag = (language or "").strip().lower().replace("_", "-")
    return tag if tag.isascii() and tag.replace("-", "").isalnum() and len(tag) <= 35 else None
