"""One form for texts that read the same: NFC, "\\n" lines, nothing invisible, no loose space."""

import unicodedata

import numpy as np

from pipeline.kept_arrays import source_of

SOURCE = source_of(__file__)

LINE_ENDS = (0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)

# No text shows them: controls, noncharacters, deprecated format characters, interlinear annotation,
# byte order marks inside, object replacement.
INVISIBLE = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    0xAD,  # soft hyphen: where a browser may break a word
    0x2060,  # word joiner: where it may not
    *range(0x206A, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFD),
    *range(0xFFFE, 0x10000),
)
# ZWJ and ZWNJ are spelling in Persian, Indic scripts and emoji, and always stay. The zero-width
# space marks words in scripts without spaces; elsewhere it is a leftover of layout.
ZERO_WIDTH_SPACE = "\u200b"
SPACELESS = (("\u0e00", "\u0fff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u1a20", "\u1aaf"))

FORMS = {**dict.fromkeys(map(chr, LINE_ENDS), "\n"), **dict.fromkeys(map(chr, INVISIBLE), "")}
FORMS[ZERO_WIDTH_SPACE] = ""
_TOUCHED = np.zeros(0x10000, np.bool_)  # by UTF-16 unit
_TOUCHED[[ord(character) for character in FORMS]] = True

BLANK_LINES = 1  # in a row
LONGEST_TITLE = 4096  # characters


def well_formed(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot hold; JSON inside pages brings them along."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def normalise(text: str) -> str:
    """The normal form of a well-formed text; its own normal form is itself."""
    return tidied(unicodedata.normalize("NFC", shown(text)))


def shown(text: str) -> str:
    """Without what no text shows, and with one kind of line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    for character in map(chr, sorted(set(units[_TOUCHED[units]].tolist()))):
        if not (character == ZERO_WIDTH_SPACE and _marks_words(text)):
            text = text.replace(character, FORMS[character])
    return text


def one_line(text: str | None) -> str | None:
    """A title: well formed, normalised, on one line, None where nothing is left.

    Of a longer one than `LONGEST_TITLE` that much: NFC sorts a letter's marks in the square of
    their number, and a title is normalised where nobody watches.
    """
    return " ".join(normalise(well_formed((text or "")[:LONGEST_TITLE])).split()) or None


def tag(language: str | None) -> str | None:
    """A language tag as browsers compare it, `zh-cn`; None for what is none."""
    plain = (language or "").strip().lower().replace("_", "-")
    fits = plain.isascii() and plain.replace("-", "").isalnum() and len(plain) <= 35
    return plain if fits else None


def tidied(text: str) -> str:
    """Without space at line ends, blank lines at either end, and runs of blank lines."""
    kept: list[str] = []
    blank = 0
    for line in text.split("\n"):
        line = line.rstrip()
        blank = 0 if line else blank + 1
        if blank <= BLANK_LINES:
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _marks_words(text: str) -> bool:
    """Whether the text has letters of a script that is written without spaces."""
    return any(first <= letter <= last for letter in set(text) for first, last in SPACELESS)
