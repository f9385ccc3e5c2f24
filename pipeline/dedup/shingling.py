"""What a shingle is: how many words, and what a word is in scripts without spaces."""

from typing import Literal, NamedTuple, TypeAlias

Unspaced: TypeAlias = Literal["characters", "runs"]
UNSPACED = "words of scripts without spaces: single characters, or runs up to a separator"


class Shingling(NamedTuple):
    """How texts are cut into shingles; fields of `Signatures` and of `Clusters`.

    Attributes:
        words: words of a shingle; a text with fewer words is one shingle.
        unspaced: what a word is in scripts that are written without spaces (Han, kana, Thai, ...).
            `characters`: every character. `runs`: all up to the next separator, with letters of
            other scripts that touch them; a clause then weighs as much as a word elsewhere.
    """

    words: int
    unspaced: Unspaced = "characters"
