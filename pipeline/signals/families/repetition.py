"""How much of a document is repetition."""

from typing import ClassVar

import pyarrow as pa

from pipeline.signals.family import Family
from pipeline.signals.kernels.characters import kinds
from pipeline.signals.kernels.shares import COUNTS


class Repetition(Family):
    """Repeated lines, paragraphs and runs of words, as shares from 0 to 1.

    `duplicate_lines` is the share of lines that were there before, `duplicate_line_characters`
    the share of characters in them; the same for paragraphs, which end at a blank line.
    `top_2_gram` to `top_4_gram` are the shares of characters that the most frequent n-gram covers
    (of several, the one that comes first), 0 where none comes twice. `duplicate_5_grams` to
    `duplicate_10_grams` are the shares of characters in n-grams that were there before. The first
    occurrence of a repeated line or n-gram does not count, a character in two overlapping n-grams
    counts once, and white space never does.

    Source:
        Rae et al., 2021, arXiv:2112.11446, table A1. Points that it leaves open are settled above:
        whether white space and the first occurrence count, which of several n-grams is the most
        frequent, and what happens to n-grams that come once.
    """

    columns: ClassVar[pa.Schema] = pa.schema([(name, pa.float64()) for name in COUNTS])
    examples: ClassVar = (
        ("", {"duplicate_lines": 0.0, "top_2_gram": 0.0, "duplicate_5_grams": 0.0}),
        ("a line\na line\nlast", {"duplicate_lines": 1 / 3, "duplicate_line_characters": 5 / 14}),
        ("one\n\ntwo\n\none", {"duplicate_paragraphs": 1 / 3, "duplicate_lines": 1 / 3}),
        ("one\ntwo\n\none\ntwo", {"duplicate_paragraphs": 1 / 2}),
        ("yes yes no yes yes", {"top_2_gram": 12 / 14, "top_3_gram": 0.0}),
        ("a a a a", {"top_2_gram": 1.0, "duplicate_5_grams": 0.0}),
        ("a b c d e x a b c d e", {"duplicate_5_grams": 5 / 11, "duplicate_6_grams": 0.0}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Measure whole columns at once."""
        from pipeline.signals.kernels.repetition import measure_repetition
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

        shares = measure_repetition(*utf8(batch["text"]), kinds())
        return pa.RecordBatch.from_arrays(
            [pa.array(column.copy()) for column in shares.T], schema=self.columns
        )
