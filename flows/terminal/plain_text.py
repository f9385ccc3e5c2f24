"""Text from pages, made fit for a terminal: it can show nothing but itself."""

from __future__ import annotations

import re

# What moves the cursor, turns the writing direction, hides text, or is no character: C0 and C1
# controls, marks of direction, invisible formats, tags, surrogates. Joiners stay: Persian and
# the scripts of India need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_BREAKS = str.maketrans({"\t": " ", "\u2028": "\n", "\u2029": "\n"})


def plain(text: str, most: int | None = None) -> str:
    """The text without characters that a terminal obeys, at most so many characters of it.

    Put it into rich's `Text`, not into markup: square brackets stay.
    """
    cut = text if most is None else text[:most]
    seen = _UNSEEN.sub("", cut.translate(_BREAKS))
    return f"{seen}…" if len(cut) < len(text) else seen


def one_line(text: str, most: int = 120) -> str:
    """The text on one line."""
    return plain(" ".join(text.split()), most).replace("\n", " ")
