"""Slow, obvious versions of the compiled loops."""

import unicodedata
from collections import Counter

MARKS = "{}[]()<>=;_$&|\\/#@*+^~`%"


def letters(text):
    return [c for c in text if unicodedata.category(c)[0] == "L"]


def words(text):
    return [word for word in text.split() if any(unicodedata.category(c)[0] in "LMN" for c in word)]


def lines(text):
    return [line for line in text.split("\n") if line.strip()]


def bare(text):
    return "".join(text.split())


def columns(line):
    return sum(2 if wide(c) else 1 for c in line)


def wide(c):
    return unicodedata.category(c) != "Cn" and unicodedata.east_asian_width(c) in "WF"


def looks_like_code(line):
    marks = sum(c in MARKS for c in bare(line))
    return line.rstrip()[-1] in "{};" or 8 * marks >= len(bare(line))


def repeated_share(spans):
    """The shares of spans, and of their characters, that were there before."""
    seen, again = set(), []
    for span in spans:
        if span in seen:
            again.append(span)
        seen.add(span)
    if not spans:
        return 0.0, 0.0
    return len(again) / len(spans), sum(map(len, again)) / sum(map(len, spans))


def paragraphs(text):
    """Bare paragraphs: blocks of lines that are not blank."""
    blocks, block = [], ""
    for line in text.split("\n"):
        if not line.strip() and block:
            blocks.append(block)
            block = ""
        block += bare(line)
    return [*blocks, block] if block else blocks


def occurrences(words, size):
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def covered(words, size, starts):
    """The share of characters in the words of the n-grams that start at `starts`."""
    inside = {at + step for at in starts for step in range(size)}
    total = sum(map(len, words))
    return sum(len(words[at]) for at in inside) / total if total else 0.0


def top(words, size):
    grams = occurrences(words, size)
    times = Counter(grams)
    most = max(times.values(), default=0)
    if most < 2:
        return 0.0
    return max(
        covered(words, size, [at for at, gram in enumerate(grams) if gram == frequent])
        for frequent, count in times.items()
        if count == most
    )


def duplicate(words, size):
    grams = occurrences(words, size)
    return covered(words, size, [at for at, gram in enumerate(grams) if gram in grams[:at]])
