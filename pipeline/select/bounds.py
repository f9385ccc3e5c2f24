"""What most rules do: hold a column against a bound, which may differ by language."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.select.rule import Judgement, Signals, certain

UNSEGMENTED, CODE = "words.unsegmented", "words.code_lines"
TABLES, VERSE = "words.table_lines", "words.verse_lines"

# A larger share of lines that look like code is code: measured, no more than 0.33 in any of 200
# pieces of English prose, and at least that in nine of ten Python, C, CSS and JavaScript files.
CODE_LINES = 0.35
MOST_LINES = 0.5  # more of them in tables, or in verse, and that is what the document is

# A villanelle, the strictest form with refrains, says a third of its lines again: three times what
# the bounds for long n-grams leave room for in prose.
REFRAINS = 3.0


def below(value: pa.Array, least: float | pa.Array) -> Judgement:
    """Drop what is below a bound: one for all, or one a document."""
    number = value.cast(pa.float64())
    bound = _column(least, len(value))
    return Judgement(pc.less(number, bound), number, bound)


def above(value: pa.Array, most: float | pa.Array) -> Judgement:
    """Drop what is above a bound: one for all, or one a document."""
    number = value.cast(pa.float64())
    bound = _column(most, len(value))
    return Judgement(pc.greater(number, bound), number, bound)


def either(*judgements: Judgement) -> Judgement:
    """Drop what any of them drops; value and threshold are of the first that does."""
    first, *others = judgements
    for other in others:
        dropped = certain(first.drop)
        first = Judgement(
            pc.or_(dropped, certain(other.drop)),
            pc.if_else(dropped, first.value, other.value),
            pc.if_else(dropped, first.threshold, other.threshold),
        )
    return first


def by_language(
    languages: pa.Array, default: float, exceptions: Mapping[str, float]
) -> pa.DoubleArray:
    """A bound for each document: its language's, or the default."""
    names = pa.array(list(exceptions), pa.string())
    bounds = pa.array(list(exceptions.values()), pa.float64())
    found = bounds.take(pc.index_in(languages, names))
    return found.fill_null(default)


def unsegmented(signals: Signals, most: float) -> pa.BooleanArray:
    """Where more than a share `most` of the letters are of a script without spaces."""
    return pc.greater(signals[UNSEGMENTED], most)


def code(signals: Signals, most: float) -> pa.BooleanArray:
    """Where more than a share `most` of the lines look like program code."""
    return pc.greater(signals[CODE], most)


def tables(signals: Signals, most: float) -> pa.BooleanArray:
    """Where more than a share `most` of the lines are rows of tables."""
    return pc.greater(signals[TABLES], most)


def verse(signals: Signals, most: float) -> pa.BooleanArray:
    """Where more than a share `most` of the lines are verse."""
    return pc.greater(signals[VERSE], most)


def with_refrains(signals: Signals, bound: float, most: float) -> pa.DoubleArray:
    """A bound on repetition for each document: wider in verse, whose refrains are meant."""
    return pc.if_else(verse(signals, most).fill_null(False), REFRAINS * bound, float(bound))


def _column(bound: float | pa.Array, rows: int) -> pa.DoubleArray:
    return bound if isinstance(bound, pa.Array) else pa.array(np.full(rows, float(bound)))
