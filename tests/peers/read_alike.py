"""A text as we read it, for a peer's own code to judge: what it then drops otherwise, it means.

Each function puts a text so that a peer that reads words, signs or lines in another way finds what
our kernels find. `DATATROVE` and `DOLMA` say of most rules which one takes the known differences
away; what differs then is the definition itself.
"""

import re
import unicodedata

from pipeline.signals.kernels.characters import BULLETS, CLOSING, FORMULA_MARKS


class Bare(str):
    """Words of which only the characters count, not the white space between them."""

    __slots__ = ("_length",)

    def __len__(self):
        if not hasattr(self, "_length"):
            self._length = sum(map(str.__len__, self.split()))
        return self._length


def of_words(text):
    """Words are what stands between spaces and has a letter, mark or digit."""
    return _by_line(text, lambda line: " ".join(filter(_wordlike, line.split())))


def without_spaces(text):
    """The same words, and no white space in the whole."""
    return Bare(of_words(text))


def of_runs(text):
    """Signs between spaces are words as well, but not those of formulas."""
    return _by_line(
        text, lambda line: " ".join(run for run in line.split() if set(run) - set(FORMULA_MARKS))
    )


def plain_words(text):
    """Different words, by their letters, marks and digits in lower case."""
    plain = ("".join(filter(_wordlike, word)) for word in text.lower().split())
    return " ".join(dict.fromkeys(filter(None, plain)))


def marked_lines(text):
    """No blank lines, one bullet, one ellipsis, and no space around lines."""
    return one_ellipsis("\n".join(map(_marked, map(str.strip, _filled(text)))))


def with_marks(text):
    """The signs before and behind words are words as well, and those between spaces."""
    return _by_line(text, lambda line: " ".join(map(_parted, line.split())))


def one_ellipsis_with_marks(text):
    """The words and signs of `with_marks`, with one ellipsis for both."""
    return with_marks(one_ellipsis(text))


def open_lines(text):
    """Lines without space, quotes and brackets at their end."""
    closing = CLOSING + "".join(map(chr, range(33))) + "\u00a0"
    return _by_line(text, lambda line: line.rstrip(closing) or line)


def one_ellipsis(text):
    """Three dots and more are the one character."""
    return re.sub(r"\.{3,}", "…", text)


def parted_names(text):
    """The name of JavaScript as a word of its own."""
    return re.sub("javascript", " javascript ", text, flags=re.IGNORECASE)


TOP = ("top_2_gram", "top_3_gram", "top_4_gram")
DUPLICATE = tuple(f"duplicate_{size}_grams" for size in range(5, 11))
DATATROVE = {
    of_words: ("few_words", "many_words", "short_words", "long_words"),
    with_marks: ("list_ratio",),
    one_ellipsis_with_marks: ("symbol_ratio",),
    of_runs: ("alphabetic_words",),
    plain_words: ("stop_words",),
    marked_lines: ("bullet_lines", "ellipsis_lines"),
    without_spaces: TOP,
    open_lines: ("terminal_punctuation",),
}
DOLMA = {
    of_words: ("few_words", "many_words", *TOP),
    with_marks: DUPLICATE,
    one_ellipsis_with_marks: ("symbol_ratio",),
    of_runs: ("alphabetic_words",),
    plain_words: ("stop_words",),
    marked_lines: ("bullet_lines", "ellipsis_lines"),
    parted_names: ("javascript",),
}


def _wordlike(characters):
    return any(unicodedata.category(character)[0] in "LMN" for character in characters)


def _parted(run):
    """A word with a space between it and the signs before it and behind it."""
    found = [at for at, character in enumerate(run) if _wordlike(character)]
    if not found:
        return run
    pieces = run[: found[0]], run[found[0] : found[-1] + 1], run[found[-1] + 1 :]
    return " ".join(filter(None, pieces))


def _by_line(text, read):
    return "\n".join(map(read, text.split("\n")))


def _filled(text):
    return [line for line in text.split("\n") if line.strip()]


def _marked(line):
    bold = line[0] == "*" and line[1:2].strip()
    return f"-{line}" if line[0] in BULLETS and not bold else line.lstrip(BULLETS)
