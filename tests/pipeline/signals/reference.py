"""Slow, obvious versions of the compiled loops."""

import re
import unicodedata
from collections import Counter
from itertools import groupby

from pipeline.signals.kernels import characters
from pipeline.signals.kernels.characters import FULL_STOPS

MARKS = "{}[]()<>=;_$&|\\/#@*+^~`%"


def letters(text):
    return [c for c in text if unicodedata.category(c)[0] == "L"]


def wordlike(c):
    return unicodedata.category(c)[0] in "LMN"


def words(text):
    return [word for word in text.split() if any(map(wordlike, word))]


def words_and_marks(text):
    """Words, the signs before each and behind each, and signs between spaces."""
    return [piece for run in text.split() for piece in parted(run)]


def parted(run):
    """What stands between spaces, parted from the signs before it and behind it."""
    at = [place for place, c in enumerate(run) if wordlike(c)]
    if not at:
        return [run]
    return [piece for piece in (run[: at[0]], run[at[0] : at[-1] + 1], run[at[-1] + 1 :]) if piece]


def runs(text):
    """Words, and signs between spaces that are not those of formulas alone."""
    return [run for run in text.split() if not set(run) <= set(characters.FORMULA_MARKS)]


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


def ends_as_sentence(line):
    """Whether a line ends with a full stop of any script, quotes and brackets aside."""
    return bare(line).rstrip(characters.CLOSING).endswith(tuple(characters.SENTENCE_ENDS))


def is_bulleted(line):
    """Whether a line begins with a bullet, which an asterisk is only before white space."""
    bullet, behind = line.lstrip()[0], line.lstrip()[1:2]
    return bullet in characters.BULLETS and (bullet != "*" or not behind.strip())


def symbols(text):
    """Hash signs, or ellipses of either kind, whichever are more."""
    lines = map(bare, text.split("\n"))
    ellipses = sum(line.count("…") + len(re.findall(r"\.{3,}", line)) for line in lines)
    return max(text.count("#"), ellipses)


def repeated_share(spans, text):
    """The share of spans that were there before, and that of the text which is in them."""
    seen, again = set(), []
    for span in spans:
        if span in seen:
            again.append(span)
        seen.add(span)
    if not spans:
        return 0.0, 0.0
    return len(again) / len(spans), sum(map(len, again)) / len(text)


def paragraphs(text):
    """Blocks of lines that are not blank."""
    blocks = groupby(text.split("\n"), lambda line: bool(line.strip()))
    return ["\n".join(block) for filled, block in blocks if filled]


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
    first = next(gram for gram in grams if times[gram] == most)
    return covered(words, size, [at for at, gram in enumerate(grams) if gram == first])


def duplicate(pieces, size, text):
    """The share of a text in n-grams that were there before, none of which overlaps another."""
    said, again, at = set(), 0, 0
    while at + size <= len(pieces):
        gram = tuple(pieces[at : at + size])
        if gram in said:
            again += sum(map(len, gram))
            at += size
        else:
            said.add(gram)
            at += 1
    return again / max(len(text), 1)


PAUSES = ",;–—-،؛、，；"


def tables_and_verse(text):
    """How many lines are rows of tables, and how many stand in verse."""
    rows = text.split("\n")
    cells = [sum(c in "|│" for c in row) + row.lstrip().count("\t") for row in rows]
    runs = [(many, len(list(run))) for many, run in groupby(cells)]
    tables = sum(count for many, count in runs if many >= 2 and count >= 3)
    blocks = [
        list(block) for filled, block in groupby(rows, lambda row: bool(row.strip())) if filled
    ]
    return tables, sum(len(block) for block in blocks if is_verse(block))


def is_verse(block):
    widths = [columns(row.rstrip()) for row in block]
    if len(block) < 2 or sum(widths) < 10 * len(block):
        return False
    if 4 * sum(width <= 60 for width in widths) < 3 * len(block):
        return False
    ends = [bare(row).rstrip("*_")[-1:] for row in block]
    ended = sum(end != "" and end in FULL_STOPS + PAUSES for end in ends)
    small = sum(bare(row)[0].islower() for row in block)
    running = 2 * small >= len(block) and sum(len(r.split()) for r in block) >= 3 * len(block)
    return 4 * ended >= len(block) or running


def short_columns(text):
    """The share of the columns of lines that are in lines of at most 30."""
    widths = [columns(line.rstrip()) for line in text.split("\n") if line.strip()]
    return sum(width for width in widths if width <= 30) / max(sum(widths), 1)


QUOTES = "\"'”’»」』"
CLOSING = QUOTES + ")]}）］】〉》"
ENDS = ".!?。！？．｡؟۔।॥։።፧၊။៖"
SHORTENED = "mr mrs ms dr st prof jr sr vs etc eg ie e.g i.e a.m p.m u.s inc co ltd"
ABBREVIATED = SHORTENED.split()
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies")
POLICIES += ("use of cookies", "use cookies")


def sentences_kept(line):
    """How many sentences C4 would keep of a line; None where it takes the line out."""
    words = line.split()
    if len(words) < 3 or max(map(len, words)) > 1000 or line.rstrip()[-1] not in ENDS + QUOTES:
        return None
    if core(words[-1]).endswith("..") and words[-1][-1] == ".":
        return None
    if any(phrase in line.lower() for phrase in ("javascript", *POLICIES)):
        return None
    ends = [ends_sentence(word) for word in words]
    return sum(ends) + (not ends[-1])


def ends_sentence(word):
    before, end = core(word)[:-1].lower(), core(word)[-1:]
    if end != ".":
        return end != "" and end in ENDS
    return not (before.endswith(".") or len(before) == 1 or before in ABBREVIATED)


def core(word):
    return "".join(c for c in word if c not in CLOSING)
