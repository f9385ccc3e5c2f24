"""Every family does what its examples say, whatever stands beside a document."""

import pyarrow as pa
import pytest

from pipeline.signals.family import Family
from tests.pipeline.signals.measuring import documents, measured

FAMILIES = [
    Family.parse({"kind": kind, **Family.named(kind).examples_of}) for kind in Family.known()
]
EXAMPLES = [
    pytest.param(family, document, signals, id=f"{family.kind()}-{number}")
    for family in FAMILIES
    for number, (document, signals) in enumerate(family.examples)
]
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind())


def test_the_families_are_found_by_the_names_of_their_files():
    assert {"language", "private_data", "repetition", "words"} <= set(Family.known())


@pytest.mark.parametrize(("family", "document", "signals"), EXAMPLES)
def test_an_example_gives_the_signals_it_documents(family, document, signals):
    (row,) = measured(family, document)
    for name, expected in signals.items():
        assert row[name] == (pytest.approx(expected) if isinstance(expected, float) else expected)


@every_family
def test_a_batch_gives_what_its_documents_give_alone(family):
    rows = [document for document, _ in family.examples]
    assert measured(family, *rows) == [measured(family, row)[0] for row in rows]
    assert measured(family, *rows[::-1]) == measured(family, *rows)[::-1]


@every_family
def test_a_slice_of_a_batch_gives_the_same_rows(family):
    rows = documents(*(document for document, _ in family.examples))
    assert family.measure(rows.slice(1, 3)).equals(family.measure(rows).slice(1, 3))


@every_family
def test_it_has_the_columns_it_declares_and_no_rows_for_no_documents(family):
    empty = family.measure(documents())
    assert empty.schema.equals(family.columns)
    assert empty.num_rows == 0


@every_family
def test_it_survives_hostile_texts(family):
    hostile = ["\n" * 1000, "\u3000", "\0", "a" * 50_000, "\U0010ffff" * 100, "é\u0301\u200b", "\t"]
    batch = family.measure(documents(*hostile))
    assert batch.num_rows == len(hostile)
    shares = [column for column in batch.columns if pa.types.is_floating(column.type)]
    assert shares
    assert not any(column.null_count for column in shares)


@every_family
def test_a_family_says_what_it_is(family):
    assert len(family.documentation()) > 80
    assert Family.parse(family.model_dump(mode="json")) == family
