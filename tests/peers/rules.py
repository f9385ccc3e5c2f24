"""What datatrove and dolma drop, rule by rule, each rule alone; writes JSON.

    PYTHON-WITH-THE-PEER -m tests.peers.rules datatrove|dolma DOCUMENTS OUT

DOCUMENTS is a JSONL file with text; OUT becomes two mappings of each rule to the places of the
documents that it drops: `as it is`, and `read alike`, where the peer's own code is given each text
as ours reads it (`read_alike`). Bounds are the peers' own, but for the most words (2,000, in place
of 100,000 that no page here has). dolma only annotates: its numbers are held against the bounds of
the papers that it cites.
"""

import json
import sys
from pathlib import Path

from tests.peers import read_alike

WAYS = ("as it is", "read alike")
MOST_WORDS = 2000
GRAMS = {2: 0.20, 3: 0.18, 4: 0.16}
AGAIN = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def main():
    peer, documents, out = sys.argv[1:]
    texts = [json.loads(line)["text"] for line in Path(documents).read_text().splitlines()]
    ways = {
        "datatrove": (datatrove, datatrove_alike),
        "dolma": (dolma, dolma_alike),
    }[peer]
    told = {name: dropped(way(), texts) for name, way in zip(WAYS, ways, strict=True)}
    Path(out).write_text(json.dumps(told))


def dropped(rules, texts):
    """Of each rule the places of the texts that it drops."""
    places = {}
    for place, text in enumerate(texts):
        for rule in rules(text):
            places.setdefault(rule, []).append(place)
    return places


def datatrove():
    """The names of the rules that drop a text, as a function."""

    groups, rest, words = (_quality(), _repetition(), _fineweb()), _c4(), _tokenized_once()

    def dropping(text):
        words(text)
        for together, alone in groups:  # what passes all bounds together passes each alone
            if _drops(together, text):
                yield from (rule for rule, block in alone.items() if _drops(block, text))
        yield from (rule for rule, block in rest.items() if _drops(block, text))

    return dropping


def datatrove_alike():
    """The same of texts as we read them: words between spaces, n-grams without the spaces."""
    from datatrove.pipeline.filters import gopher_repetition_filter

    for module in _with_words():
        module.split_into_words = lambda text, language="en": text.split()
    gopher_repetition_filter.get_n_grams = lambda words, size: [
        "".join(words[at : at + size]) for at in range(len(words) - size + 1)
    ]
    together, repetition = _repetition()
    blocks = {**_quality()[1], **repetition, **_fineweb()[1]}

    def dropping(text):
        for reading, rules in read_alike.DATATROVE.items():
            read = reading(text)
            if not read or (rules == read_alike.TOP and not _drops(together, read)):
                continue
            yield from (rule for rule in rules if _drops(blocks[rule], read))

    return dropping


def _drops(block, text):
    from datatrove.data import Document

    return block.filter(Document(text=text, id="")) is not True


def _tokenized_once():
    """spaCy reads each text once for all filters, which changes no answer."""
    from datatrove.utils.text import split_into_words

    now = {}

    def words(text, language="en"):
        if text not in now:
            now.clear()
            now[text] = split_into_words(text)
        return now[text]

    for module in _with_words():
        module.split_into_words = words
    return words


def _with_words():
    """The modules that ask for a text's words."""
    from datatrove.pipeline.filters import (
        fineweb_quality_filter,
        gopher_quality_filter,
        gopher_repetition_filter,
    )

    return fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter


def _quality():
    from datatrove.pipeline.filters import GopherQualityFilter

    off = dict.fromkeys(
        (
            *("min_doc_words", "max_doc_words", "min_avg_word_length", "max_avg_word_length"),
            *("max_symbol_word_ratio", "max_bullet_lines_ratio", "max_ellipsis_lines_ratio"),
            *("max_non_alpha_words_ratio", "min_stop_words"),
        )
    )
    on = {
        "few_words": {"min_doc_words": 50},
        "many_words": {"max_doc_words": MOST_WORDS},
        "short_words": {"min_avg_word_length": 3},
        "long_words": {"max_avg_word_length": 10},
        "symbol_ratio": {"max_symbol_word_ratio": 0.1},
        "bullet_lines": {"max_bullet_lines_ratio": 0.9},
        "ellipsis_lines": {"max_ellipsis_lines_ratio": 0.3},
        "alphabetic_words": {"max_non_alpha_words_ratio": 0.8},
        "stop_words": {"min_stop_words": 2},
    }
    return GopherQualityFilter(max_doc_words=MOST_WORDS), _alone(GopherQualityFilter, off, on)


def _alone(kind, off, on):
    """A filter for each rule, in which all others are off."""
    return {rule: kind(**{**off, **bound}) for rule, bound in on.items()}


def _repetition():
    from datatrove.pipeline.filters import GopherRepetitionFilter

    shares = ("dup_line_frac", "dup_line_char_frac", "dup_para_frac", "dup_para_char_frac")
    off = {**dict.fromkeys(shares), "top_n_grams": (), "dup_n_grams": ()}
    on = {
        "duplicate_lines": {"dup_line_frac": 0.3},
        "duplicate_line_characters": {"dup_line_char_frac": 0.2},
        "duplicate_paragraphs": {"dup_para_frac": 0.3},
        "duplicate_paragraph_characters": {"dup_para_char_frac": 0.2},
        **{f"top_{n}_gram": {"top_n_grams": ((n, most),)} for n, most in GRAMS.items()},
        **{f"duplicate_{n}_grams": {"dup_n_grams": ((n, most),)} for n, most in AGAIN.items()},
    }
    return GopherRepetitionFilter(), _alone(GopherRepetitionFilter, off, on)


def _c4():
    from datatrove.pipeline.filters import C4QualityFilter
    from datatrove.pipeline.filters.c4_filters import C4ParagraphFilter

    lines = {
        **dict.fromkeys(("filter_no_terminal_punct", "filter_javascript", "filter_policy"), False),
        **dict.fromkeys(("min_num_sentences", "min_words_per_line", "max_word_length"), -1),
    }
    one = {"filter_lorem_ipsum": False, "filter_curly_bracket": False}
    return {
        "few_sentences": C4QualityFilter(**one),
        "lorem_ipsum": C4QualityFilter(**{**lines, **one, "filter_lorem_ipsum": True}),
        "curly_braces": C4QualityFilter(**{**lines, **one, "filter_curly_bracket": True}),
        "few_paragraphs": C4ParagraphFilter(),
    }


def _fineweb():
    from datatrove.pipeline.filters import FineWebQualityFilter

    off = {
        "line_punct_thr": -1,
        "short_line_thr": 2,
        "char_duplicates_ratio": 2,
        "new_line_ratio": 1e9,
    }
    on = {
        "terminal_punctuation": {"line_punct_thr": 0.12},
        "short_lines": {"short_line_thr": 0.67},
        "few_duplicate_characters": {"char_duplicates_ratio": 0.01},
        "list_ratio": {"new_line_ratio": 0.3},
    }
    return FineWebQualityFilter(), _alone(FineWebQualityFilter, off, on)


def dolma():
    """The names of the rules that drop a text, as a function."""
    from dolma.taggers import c4, gopher

    def dropping(text):
        found = gopher.get_attributes(text, ignore_empty_lines=True)  # as its newest tagger does
        grams = dict(found.fraction_of_characters_in_most_common_ngram)
        again = dict(found.fraction_of_characters_in_duplicate_ngrams)
        tagged = c4.get_attributes(text)
        told = {
            "few_words": found.word_count < 50,
            "many_words": found.word_count > MOST_WORDS,
            "short_words": found.median_word_length < 3,
            "long_words": found.median_word_length > 10,
            "symbol_ratio": found.symbol_to_word_ratio > 0.1,
            "bullet_lines": found.fraction_of_lines_starting_with_bullet_point > 0.9,
            "ellipsis_lines": found.fraction_of_lines_ending_with_ellipsis > 0.3,
            "alphabetic_words": found.fraction_of_words_with_alpha_character < 0.8,
            "stop_words": found.required_word_count < 2,
            "duplicate_lines": found.fraction_of_duplicate_lines > 0.3,
            "duplicate_line_characters": found.fraction_of_characters_in_duplicate_lines > 0.2,
            **{f"top_{n}_gram": grams.get(n, 0) > most for n, most in GRAMS.items()},
            **{f"duplicate_{n}_grams": again.get(n, 0) > most for n, most in AGAIN.items()},
            "lorem_ipsum": tagged.has_lorem_ipsum,
            "curly_braces": tagged.has_curly_brace,
            "javascript": tagged.has_javascript,
        }
        return [rule for rule, drops in told.items() if drops]

    return dropping


def dolma_alike():
    """The same of texts as we read them."""
    from dolma.taggers import gopher

    judge, counts = dolma(), gopher.all_ngram_counts

    def dropping(text):
        for reading, rules in read_alike.DOLMA.items():
            grams = set(rules) & {*read_alike.TOP, *read_alike.DUPLICATE}
            gopher.all_ngram_counts = counts if grams else lambda words: []  # it takes most time
            yield from (rule for rule in judge(str(reading(text))) if rule in rules)

    return dropping


if __name__ == "__main__":
    main()
