"""Words, lines, and what they look like."""

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.signals.family import Family
from pipeline.signals.kernels.characters import kinds, lower_case
from pipeline.signals.kernels.stop_words import stop_word_table

Counts = np.ndarray[Any, np.dtype[np.int64]]

COLUMNS = pa.schema(
    [
        ("characters", pa.int64()),  # code points
        ("words", pa.int64()),
        ("words_and_marks", pa.int64()),  # the signs before and behind a word are one each
        ("lines", pa.int64()),  # that are not blank
        ("mean_word_length", pa.float64()),  # characters
        ("alphabetic_words", pa.float64()),  # share of words, and of signs like them, with a letter
        ("stop_words", pa.int64()),  # different ones, in the language with most of them
        ("english_stop_words", pa.int64()),  # different ones of MassiveText's eight
        ("symbol_word_ratio", pa.float64()),  # hash signs, or ellipses if more, per word or mark
        ("line_ends", pa.int64()),  # those of blank lines, too
        ("bullet_lines", pa.float64()),  # share that begin with a bullet; a * only before space
        ("ellipsis_lines", pa.float64()),  # share of lines that end with an ellipsis
        ("full_stop_lines", pa.float64()),  # share that end a sentence, quotes behind it or not
        ("short_lines", pa.float64()),  # share of lines of at most 30 columns; Han count double
        ("short_line_columns", pa.float64()),  # share of the columns of all lines that are in those
        ("code_lines", pa.float64()),  # share of lines that look like program code
        ("table_lines", pa.float64()),  # share of lines that are rows of a table
        ("verse_lines", pa.float64()),  # share of lines in blocks of narrow, punctuated lines
        ("curly_braces", pa.int64()),
        ("lorem_ipsum", pa.int64()),  # occurrences of "lorem ipsum"
        ("javascript", pa.int64()),  # occurrences of "javascript"
        ("unsegmented", pa.float64()),  # share of letters of scripts without spaces between words
    ]
)


class Words(Family):
    """How many words and lines a document has, and the shares that heuristic rules look at.

    A word is a run of characters that are not white space, with a letter or digit among them (the
    bars of a table and the bullets of a list are none; only `alphabetic_words` counts them, but not
    the signs of formulas; to `words_and_marks` signs between spaces are one, as are those before a
    word and those behind it). Scripts that write no spaces between words (Han, kana, Thai, ...)
    therefore have few and long ones: `unsegmented` says how much of the text that is. A line is one
    that is not blank. Shares are 0 where there is nothing to share.

    Sources:
        MassiveText (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1), C4 (Raffel et al., 2019,
        arXiv:1910.10683, section 2.2), FineWeb (Penedo et al., 2024, arXiv:2406.17557).
    """

    columns: ClassVar[pa.Schema] = COLUMNS
    examples: ClassVar = (
        ("", {"words": 0, "lines": 0, "mean_word_length": 0.0, "code_lines": 0.0}),
        ("“No,” he said – twice.", {"words": 4, "words_and_marks": 8}),
        ("To be, or not to be.", {"words": 6, "lines": 1, "stop_words": 2, "full_stop_lines": 1.0}),
        ("- one\n- two\n\nthree", {"lines": 3, "line_ends": 3, "bullet_lines": 2 / 3}),
        ("* one\n**two**", {"bullet_lines": 1 / 2}),
        ("And then…\nand then...", {"ellipsis_lines": 1.0, "symbol_word_ratio": 1 / 3}),
        ("# # a … | b", {"symbol_word_ratio": 1 / 3, "words": 2, "alphabetic_words": 1 / 3}),
        ("a + b = c2 | 5", {"alphabetic_words": 3 / 5}),
        ("(He said: “No.”)\nHe said:", {"full_stop_lines": 0.5}),
        ("服务器配置。", {"words": 1, "unsegmented": 1.0, "full_stop_lines": 1.0}),
        ("Der Server ist da", {"stop_words": 2, "english_stop_words": 0, "unsegmented": 0.0}),
        ("if (a[i] > b) {\n  return &b;\n}", {"code_lines": 1.0, "curly_braces": 2}),
        ("name | of\nand | by\na | 1 | 2\nb | 3 | 4\nc | 5 | 6", {"table_lines": 0.6}),
        ("The rope is wet,\nthe lamp is low.\n\nA line", {"verse_lines": 2 / 3}),
        ("Of ten\n" + 30 * "x" + "\n" + 44 * "y", {"short_line_columns": 0.45}),
        ("Lorem IPSUM dolor", {"lorem_ipsum": 1}),
        ("Please turn JavaScript on", {"javascript": 1}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count whole columns at once."""
        from pipeline.signals.kernels import layout  # numba takes half a second to import
        from pipeline.signals.kernels import lines as by_line
        from pipeline.signals.kernels import words as by_word
        from pipeline.signals.kernels.utf8 import utf8

        texts = batch["text"]
        data, offsets = utf8(texts)
        stops = (lower_case(), stop_word_table())
        words = _named(by_word.COUNTS, by_word.count_words(data, offsets, kinds(), *stops))
        lines = _named(by_line.COUNTS, by_line.count_lines(data, offsets, kinds()))
        blocks = _named(
            layout.COUNTS, layout.count_layout(data, offsets, kinds(), layout.small_letters())
        )
        signals = {
            "characters": words["characters"],
            "words": words["words"],
            "words_and_marks": words["words_and_marks"],
            "lines": lines["lines"],
            "mean_word_length": _share(words["word_characters"], words["words"]),
            "alphabetic_words": _share(words["alphabetic"], words["runs"]),
            "stop_words": words["stop_words"],
            "english_stop_words": words["english_stop_words"],
            "symbol_word_ratio": _share(
                np.maximum(lines["hash_signs"], lines["ellipsis_signs"]), words["words_and_marks"]
            ),
            "line_ends": lines["line_ends"],
            "bullet_lines": _share(lines["bullets"], lines["lines"]),
            "ellipsis_lines": _share(lines["ellipses"], lines["lines"]),
            "full_stop_lines": _share(lines["full_stops"], lines["lines"]),
            "short_lines": _share(lines["short"], lines["lines"]),
            "code_lines": _share(lines["code"], lines["lines"]),
            "short_line_columns": _share(blocks["short_columns"], blocks["columns"]),
            "table_lines": _share(blocks["tables"], lines["lines"]),
            "verse_lines": _share(blocks["verse"], lines["lines"]),
            "curly_braces": lines["braces"],
            "lorem_ipsum": pc.count_substring(texts, "lorem ipsum", ignore_case=True),
            "javascript": pc.count_substring(texts, "javascript", ignore_case=True),
            "unsegmented": _share(words["unsegmented"], words["letters"]),
        }
        arrays = [pa.array(signals[field.name]).cast(field.type) for field in COLUMNS]
        return pa.RecordBatch.from_arrays(arrays, schema=COLUMNS)


def _named(names: tuple[str, ...], counts: Counts) -> dict[str, Counts]:
    """The columns of (n, len(names)) counts."""
    return dict(zip(names, counts.T, strict=True))


def _share(part: Counts, whole: Counts) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The quotient, and 0 where there is no whole."""
    return np.divide(part, np.maximum(whole, 1), dtype=np.float64)
