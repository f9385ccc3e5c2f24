"""Reading one page: what runs in the sandbox, since pages can make it hang or crash.

A pure function: a page gives the same text in any process, alone or among others.
"""

from lxml.etree import LxmlError

from pipeline.extract.errors import Reason
from pipeline.extract.extractor import Extracted, Extractor
from pipeline.extract.form import formed
from pipeline.extract.normalise import one_line, tag
from pipeline.extract.request import Reading, Refusal, Request
from pipeline.extract.wikitext import text_of

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
        extractor: for HTML; wikitext has one of its own, plain text is taken as it is.
        mend: whether to undo mojibake.
    """
    try:
        found = _extracted(request, extractor)
    except FAILURES as error:
        parser = "wikitext" if request.hidden is not None else extractor.kind()
        what = f"{parser} raised {type(error).__name__}"
        return Refusal(Reason.PARSER_FAILED, what)
    text, repaired = formed(found.text, mend=mend)
    title, _ = formed(found.title or "", mend=mend)
    return Reading(text, one_line(title), tag(found.language), repaired)


def _extracted(request: Request, extractor: Extractor) -> Extracted:
    if request.is_html:
        return extractor.extract(request.content, request.url)
    if request.hidden is not None:
        return Extracted(text_of(request.content, request.hidden), None, None)
    return Extracted(request.content, None, None)
