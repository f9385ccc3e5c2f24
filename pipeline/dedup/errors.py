"""Errors of duplicate search."""

from pipeline.dedup.shingling import Shingling
from pipeline.errors import BadRecipe


class OtherShingles(BadRecipe):
    """A text does not have the shingles that it was signed with."""

    def __init__(self, found: int, shingling: Shingling, *, signed: int) -> None:
        super().__init__(
            f"clusters finds {found} different shingles of {shingling.words} words in a text that "
            f"was signed with {signed}, where scripts without spaces have {shingling.unspaced} for "
            f"words.\nGive clusters the same `words` and `unspaced` as signatures."
        )
