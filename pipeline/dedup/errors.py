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
