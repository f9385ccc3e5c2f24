"""Errors of duplicate search."""

from pipeline.errors import BadRecipe


class OtherShingles(BadRecipe):
    """A text does not have the shingles that it was signed with."""

    def __init__(self, found: int, *, words: int, signed: int) -> None:
        super().__init__(
            f"clusters finds {found} different runs of {words} words in a text that was signed "
            f"with {signed}.\nGive clusters the same `words` as signatures."
        )
