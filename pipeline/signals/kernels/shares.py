"""The shares of repetition, as columns: here without a compiler, which their names need not."""

TOP = (2, 3, 4)  # words in the n-grams of which the most frequent one is looked at
DUPLICATE = (5, 6, 7, 8, 9, 10)  # words and signs in the n-grams of which each repetition counts
COUNTS = (
    *("duplicate_lines", "duplicate_line_characters"),
    *("duplicate_paragraphs", "duplicate_paragraph_characters"),
    *(f"top_{size}_gram" for size in TOP),
    *(f"duplicate_{size}_grams" for size in DUPLICATE),
)
