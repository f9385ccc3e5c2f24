"""The form in which a text is kept: well formed, without mojibake, normalised.

One look at a text tells what of that it needs, and most texts need nothing.
"""

import unicodedata

from pipeline.extract.look import LOOSE, SUSPICIOUS, TOUCHABLE, UNCOMPOSED, look
from pipeline.extract.normalise import normalise, shown, tidied, well_formed
from pipeline.extract.repair import repair

SHORT = 8192  # characters that ftfy and NFC take 150 ms for at most, whatever they are


def formed_at_once(text: str, *, mend: bool) -> tuple[str, bool] | None:
    """What `formed` gives, of a text that takes no time worth watching.

    None where ftfy or NFC would have to go over a long one, which a hostile text holds up: that is
    for the sandbox.

    Args:
        text: a well-formed text.
        mend: as for `formed`.
    """
    costly = UNCOMPOSED | (SUSPICIOUS if mend else 0)
    whole, wants = text, look(text)
    if not wants & costly:
        whole, wants = _shown(whole, wants)
    if wants & costly:
        return formed(text, mend=mend) if len(text) <= SHORT else None
    return (tidied(whole) if wants & LOOSE else whole), False


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
    whole, wants = _shown(whole, wants)
    if wants & UNCOMPOSED:
        whole = unicodedata.normalize("NFC", whole)
    return (tidied(whole) if wants & LOOSE else whole), False


def _shown(text: str, wants: int) -> tuple[str, int]:
    """The text without what no text shows, and what it wants then."""
    if not wants & TOUCHABLE:
        return text, wants
    whole = shown(text)
    return whole, look(whole)
