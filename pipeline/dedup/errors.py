"""Errors of duplicate search."""

from pipeline.errors import BadRecipe


class UnevenBands(BadRecipe):
    """Signatures do not divide into bands of so many values."""

    def __init__(self, values: int, *, rows: int) -> None:
        super().__init__(
            f"clusters cuts signatures into bands of {rows} values, but these have {values}, "
            f"which {rows} does not divide.\n"
            f"Give clusters the same `rows` as signatures."
        )


class OtherShingles(BadRecipe):
    """A text does not have the shingles that it was signed with."""

    def __init__(self, found: int, *, words: int, signed: int) -> None:
        super().__init__(
            f"clusters finds {found} different runs of {words} words in a text that was signed "
            f"with {signed}.\nGive clusters the same `words` as signatures."
        )
