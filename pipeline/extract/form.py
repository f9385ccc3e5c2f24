"""The form in which a text is kept: well formed, without mojibake, normalised.

One look at a text tells what of that it needs, and most texts need nothing.
"""

import unicodedata

from pipeline.extract.look import LOOSE, SUSPICIOUS, TOUCHABLE, UNCOMPOSED, look
from pipeline.extract.normalise import normalise, shown, tidied, well_formed
from pipeline.extract.repair import repair


def formed(text: str, *, mend: bool) -> tuple[str, bool]:
    """The text as it is kept, `normalise(repaired(well_formed(text)))`; whether it was repaired.

    Args:
        text: any text, even one with lone surrogates.
        mend: whether to undo mojibake.
    """
    try:
        whole, wants = text, look(text)
    except UnicodeEncodeError:
        whole = well_formed(text)
        wants = look(whole)
    if mend and wants & SUSPICIOUS:
        mended = repair(whole)
        if mended != whole:
            return normalise(mended), True
    if wants & TOUCHABLE:
        whole = shown(whole)
        wants = look(whole)
    if wants & UNCOMPOSED:
        whole = unicodedata.normalize("NFC", whole)
    return (tidied(whole) if wants & LOOSE else whole), False
