"""Two language detectors behind one answer: a fast one, and one for what it is unsure of."""

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

RENAMED = {"iw": "he", "in": "id", "jw": "jv", "ji": "yi", "mo": "ro", "nb": "no", "sh": "sr"}
UNKNOWN = "un"


class Guess(NamedTuple):
    """What a detector says: BCP 47 primary language and script if it tells, and how sure it is."""

    language: str | None
    confidence: float  # 0 to 1
    script: str | None = None


def printable(text: str) -> str:
    """The text with every control, format or unassigned character as a space: pycld2 rejects some.

    Line ends stay.
    """
    if text.isprintable():
        return text
    kept = (c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in text)
    return "".join(kept)


def fast(text: str) -> tuple[Guess, bool]:
    """CLD2's answer, and whether it calls itself reliable.

    The confidence is the share of the text that is in the language.
    """
    import pycld2  # here, as langdetect below: recipes are read without either

    reliable, _, languages = pycld2.detect(text.encode(), isPlainText=True, bestEffort=True)
    _, code, percent, _ = languages[0]
    if code == UNKNOWN or code.startswith("xx"):
        return Guess(None, 0.0), False
    return _guess(code, percent / 100), bool(reliable)


def careful(text: str) -> Guess:
    """The answer of langdetect, the same on every call, in every process, on every machine."""
    from langdetect.lang_detect_exception import LangDetectException

    detector = _profiles().create()  # one for each text: it collects what it is given
    detector.append(text)
    try:
        best = detector.get_probabilities()
    except LangDetectException:  # no letters that any profile knows
        return Guess(None, 0.0)
    return _guess(best[0].lang, best[0].prob) if best else Guess(None, 0.0)


@cache
def _profiles() -> Any:
    """The languages langdetect knows, loaded by name: it takes them as the folder lists them."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    from langdetect.utils.lang_profile import LangProfile

    factory = DetectorFactory()
    factory.seed = 0  # it draws n-grams at random, by default unseeded
    files = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.name[0] != ".")
    for index, path in enumerate(files):
        profile = LangProfile(**json.loads(path.read_text(encoding="utf-8")))
        factory.add_profile(profile, index, len(files))
    return factory


@cache
def known_to_careful() -> frozenset[str]:
    """The languages that langdetect can answer."""
    return frozenset(_guess(name, 0).language or "" for name in _profiles().langlist)


def _guess(code: str, confidence: float) -> Guess:
    primary, _, rest = code.partition("-")
    script = {"hant": "Hant", "tw": "Hant", "hans": "Hans", "cn": "Hans"}.get(rest.lower())
    if primary == "zh":
        script = script or "Hans"
    return Guess(RENAMED.get(primary, primary), confidence, script)
