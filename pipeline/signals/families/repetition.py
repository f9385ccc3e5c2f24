"""How much of a document is repetition."""

from typing import ClassVar

import pyarrow as pa

from pipeline.signals.family import Family
from pipeline.signals.kernels.characters import kinds
from pipeline.signals.kernels.shares import COUNTS


class Repetition(Family):
    """Repeated lines, paragraphs and runs of words, as shares from 0 to 1.

    `duplicate_lines` is the share of lines that were there before, as they stand;
    `duplicate_line_characters` that of the document's characters which lie in them; the same for
    paragraphs, which end at a blank line. `top_2_gram` to `top_4_gram` are the shares of the
    characters in words that the most frequent n-gram covers (of several, the one that comes first),
    0 where none comes twice; a character in two of them that overlap counts once.
    `duplicate_5_grams` to `duplicate_10_grams` are the shares of the document's characters which
    lie in n-grams that were there before: n-grams of words and of the signs around them
    (`words.words_and_marks`), none of which overlaps another. The first of equal lines or n-grams
    does not count, but in `top_2_gram` to `top_4_gram`.

    Sources:
        Rae et al., 2021, arXiv:2112.11446, table A1. Where it leaves open what counts, lines,
        paragraphs and n-grams of 5 to 10 words are measured nearly as FineWeb's were (Penedo et
        al., 2024, arXiv:2406.17557; datatrove), and those of 2 to 4 nearly as Dolma's (Soldaini et
        al., 2024, arXiv:2402.00159): what is otherwise, `duplicate_ngrams` and `top_ngrams` say.
    """

    columns: ClassVar[pa.Schema] = pa.schema([(name, pa.float64()) for name in COUNTS])
    examples: ClassVar = (
        ("", {"duplicate_lines": 0.0, "top_2_gram": 0.0, "duplicate_5_grams": 0.0}),
        ("a line\na line\nlast", {"duplicate_lines": 1 / 3, "duplicate_line_characters": 6 / 18}),
        ("one\n\ntwo\n\none", {"duplicate_paragraphs": 1 / 3, "duplicate_lines": 1 / 3}),
        ("one\ntwo\n\none\ntwo", {"duplicate_paragraphs": 1 / 2}),
        ("one\ntwo\n\none\ntwo", {"duplicate_paragraph_characters": 7 / 16}),
        ("yes yes no yes yes", {"top_2_gram": 12 / 14, "top_3_gram": 0.0}),
        ("a a a a", {"top_2_gram": 1.0, "duplicate_5_grams": 0.0}),
        ("a b c d e x a b c d e", {"duplicate_5_grams": 5 / 21, "duplicate_6_grams": 0.0}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Measure whole columns at once."""
        from pipeline.signals.kernels.repetition import measure_repetition
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

        shares = measure_repetition(*utf8(batch["text"]), kinds())
        return pa.RecordBatch.from_arrays(
            [pa.array(column.copy()) for column in shares.T], schema=self.columns
        )
