"""Peers' own code with a named defect mended: where it then says otherwise, the defect decided.

Whether it did is told by the document and the peer's code alone, whatever ours says of it. The
defects are named in tests/benchmarks/same_rules.py; `DATATROVE` and `DOLMA` say by what each is
mended. A text is put before the peer's code as it is, but for what the reading changes.
"""

from tests.peers.read_alike import Bare, one_ellipsis

AGAIN = tuple(f"duplicate_{size}_grams" for size in range(5, 11))


def stripped_lines(text):
    """No white space around lines."""
    return "\n".join(map(str.strip, text.split("\n")))


def without_signs(words):
    """Of datatrove's words those that it counts itself where it asks how many there are."""
    from datatrove.utils.text import PUNCTUATION_SET

    return [word for word in words if not set(word) <= PUNCTUATION_SET] or words


def repeated_characters(words, size):
    """Characters in n-grams that were there before, to the end of each repetition, each once."""
    seen, reach, covered = set(), 0, 0
    for at in range(len(words) - size + 1):
        gram = "".join(words[at : at + size])
        if gram in seen:
            covered += sum(map(len, words[max(at, reach) : at + size]))
            reach = at + size
        seen.add(gram)
    return covered


DATATROVE = {
    str: ("symbol_ratio",),  # by `without_signs`
    stripped_lines: ("few_duplicate_characters",),
    Bare: AGAIN,  # whose whole then has no white space; and by `repeated_characters`
}
DOLMA = {one_ellipsis: ("symbol_ratio", "ellipsis_lines")}
