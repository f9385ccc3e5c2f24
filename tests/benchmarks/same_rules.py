"""Our setting of each rule that a peer has, and why the two may differ."""

from typing import NamedTuple

from tests.peers.rules import AGAIN, GRAMS, MOST_WORDS


class Same(NamedTuple):
    """A rule of ours with only one bound, and by peer what it does otherwise."""

    ours: dict
    why: dict
    silent: str | None = None  # a signal that is 0 where there is nothing to judge


ENGLISH = {"fewest_by_language": {}, "fewest_characters": 1}
MEAN = {"shortest_by_language": {}, "longest_by_language": {}}
SPACY = "Its words are spaCy's tokens (don't: do, n't), ours are what stands between spaces"
UNBROKEN = "A line of white space alone parts no paragraphs to it."
FIRST = "It counts the first of equal ones, too"


def _lines(**bounds):
    return {"kind": "duplicate_lines", "most": 1, "most_characters": 1, **bounds}


def _paragraphs(**bounds):
    return {"kind": "duplicate_paragraphs", "most": 1, "most_characters": 1, **bounds}


def _top(size):
    bounds = {f"most_{n}": GRAMS[n] if n == size else 1 for n in GRAMS}
    return {"kind": "top_ngrams", **bounds}


def _again(size):
    bounds = {f"most_{n}": AGAIN[n] if n == size else 1 for n in AGAIN}
    return {"kind": "duplicate_ngrams", **bounds}


RULES = {
    "few_words": Same(
        {"kind": "word_count", "most": 10**9, **ENGLISH},
        {
            "datatrove": f"{SPACY}.",
            "dolma": "It counts bars, bullets and other signs between spaces as words.",
        },
    ),
    "many_words": Same(
        {"kind": "word_count", "fewest": 1, "most": MOST_WORDS, **ENGLISH},
        {"datatrove": f"{SPACY}; the bound is 2,000 here.", "dolma": "As for few words."},
    ),
    "short_words": Same(
        {"kind": "mean_word_length", "longest": 1e9, **MEAN},
        {
            "datatrove": f"{SPACY}, with the comma behind them.",
            "dolma": "It takes the median length, the paper and ours the mean.",
        },
    ),
    "long_words": Same(
        {"kind": "mean_word_length", "shortest": 0, **MEAN},
        {
            "datatrove": f"{SPACY}, with the comma behind them.",
            "dolma": "It takes the median length, the paper and ours the mean.",
        },
    ),
    "symbol_ratio": Same(
        {"kind": "symbol_ratio"},
        {
            "datatrove": "Each of several signs around a word may count, and a word may be parted.",
            "dolma": "It knows the ellipsis of one character only, and counts what stands between "
            "spaces and holds either sign, among all that does.",
        },
    ),
    "bullet_lines": Same(
        {"kind": "bullet_lines"},
        {
            "datatrove": "It knows - and •, ours 18 bullets; it counts blank lines.",
            "dolma": "It knows - and * at the very start of a line, those of bold words, too.",
        },
    ),
    "ellipsis_lines": Same(
        {"kind": "ellipsis_lines"},
        {
            "datatrove": "It counts blank lines among the whole.",
            "dolma": "It knows the ellipsis of one character only.",
        },
    ),
    "alphabetic_words": Same(
        {"kind": "alphabetic_words"},
        {
            "datatrove": "Punctuation marks are words without a letter to it; ours none.",
            "dolma": "The signs of formulas are words without a letter to it.",
        },
    ),
    "stop_words": Same(
        {"kind": "stop_words"},
        {
            "datatrove": "It knows them in lower case only, and no other language's.",
            "dolma": "It knows them in lower case only, and counts occurrences.",
        },
    ),
    "duplicate_lines": Same(
        _lines(most=0.3),
        {
            "datatrove": "It counts lines of white space alone.",
            "dolma": f"{FIRST}.",
        },
    ),
    "duplicate_line_characters": Same(
        _lines(most_characters=0.2),
        {
            "datatrove": "It counts lines of white space alone.",
            "dolma": f"{FIRST}. Its whole includes no white space.",
        },
    ),
    "duplicate_paragraphs": Same(_paragraphs(most=0.3), {"datatrove": UNBROKEN}),
    "duplicate_paragraph_characters": Same(
        _paragraphs(most_characters=0.2), {"datatrove": UNBROKEN}
    ),
    **{
        f"top_{n}_gram": Same(
            _top(n),
            {
                "datatrove": "Its shares include white space in the whole, and its n-grams the "
                "spaces in them; ours neither. Overlaps count twice. Punctuation marks are words.",
                "dolma": "Signs between spaces are words. Overlaps count twice.",
            },
            silent=f"repetition.top_{n}_gram",
        )
        for n in GRAMS
    },
    **{
        f"duplicate_{n}_grams": Same(
            _again(n),
            {
                "datatrove": "Each of several signs around a word may count, and a word may be "
                "parted.",
                "dolma": f"{FIRST}; overlaps count twice; it divides by the characters of all "
                "n-grams.",
            },
        )
        for n in AGAIN
    },
    "few_sentences": Same(
        {"kind": "few_sentences"},
        {
            "datatrove": "spaCy ends sentences at other abbreviations, and inside words; ours "
            "counts lines that end with a curly quote."
        },
    ),
    "lorem_ipsum": Same({"kind": "lorem_ipsum"}, {}),
    "curly_braces": Same(
        {"kind": "curly_braces"},
        {
            "datatrove": "Only { counts to it, and } to ours as well.",
            "dolma": "Only { counts to it, and } to ours as well.",
        },
    ),
    "javascript": Same(
        {"kind": "javascript_lines"},
        {"dolma": "Only the word alone counts, not JavaScript's or JavaScript-based."},
    ),
    "few_paragraphs": Same(
        {"kind": "few_paragraphs"}, {"datatrove": "Space at the end of a line counts to it."}
    ),
    "terminal_punctuation": Same(
        {"kind": "terminal_punctuation"},
        {"datatrove": "Quotes, brackets and space behind the stop hide it."},
    ),
    "short_lines": Same(
        {"kind": "short_lines"}, {"datatrove": "Han characters are one wide to it."}
    ),
    "few_duplicate_characters": Same(
        _lines(most_characters=0.01),
        {"datatrove": "Its whole includes no ends of lines."},
    ),
    "list_ratio": Same(
        {"kind": "list_ratio"},
        {
            "datatrove": "Each of several signs at an end of a word may count, and a word may be "
            "parted (don't: do, n't; well-known: well, -, known); ours are not."
        },
    ),
}
