"""Names for people: dated labels, moving names, and errors that say what is there."""

import re
from datetime import UTC, datetime

import pytest

from pipeline.errors import DamagedFile, MissingArtifact, StoreError
from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from tests.pipeline.storage.tiny import run
from tests.pipeline.toy import Judge, Source
from tests.support import made

BY = {"who": "ada", "why": "a test"}


@pytest.fixture
def store(place):
    return Store.at(place / "store")


@pytest.fixture
def refs(store):
    """Three versions of `judged`."""
    words = made(Source(), store)
    return [made(Judge(fewest=n), store, words=words).ref for n in (3, 6, 7)]


def test_each_version_has_one_dated_label_and_keeps_it(store, refs):
    names = References(store)
    labels = [names.record("web", ref, **BY) for ref in refs]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert labels == [f"{today}.1", f"{today}.2", f"{today}.3"]
    assert [names.record("web", ref, **BY) for ref in refs] == labels
    assert [names.resolve(f"judged/web@{label}") for label in labels] == refs


def test_a_version_is_found_by_all_its_names(store, refs):
    names = References(store)
    label = names.record("web", refs[1], **BY)
    names.move("web", LATEST, refs[1], **BY)
    names.move("web", "prod", refs[1], **BY)
    for text in (
        f"judged@{refs[1].key}",
        f"judged@{refs[1].key[:12]}",
        f"judged@{refs[1].key[:6]}",
        str(refs[1]),
        f"judged/web@{label}",
        f"judged@{label}",
        "judged/web@latest",
        "judged/web@prod",
        "judged/web",
        "judged",
    ):
        assert names.resolve(text) == refs[1], text


def test_the_second_outcome_of_a_key_is_found_by_the_name_it_is_printed_with(store):
    first = run("sky", store)
    again = first.model_copy(
        update={"ref": first.ref.model_copy(update={"key": f"{first.ref.key}~2"})}
    )
    store.create_manifest(again)
    names = References(store)
    assert names.resolve(str(first.ref)) == first.ref
    assert names.resolve(str(again.ref)) == again.ref


def test_moving_and_rolling_back_leave_a_trail(store, refs):
    names = References(store)
    for ref in refs[:2]:
        names.move("web", "prod", ref, **BY)
    names.move("web", "prod", refs[1], **BY)
    assert len(names.tag("judged", "web", "prod").numbers()) == 2, "it pointed there already"
    back = names.rollback("judged", "web", "prod", who="eve", why="it lost documents")
    assert back.ref == names.resolve("judged/web@prod") == refs[0]
    log = names.tag("judged", "web", "prod")
    assert [(log.get(n).who, log.get(n).ref) for n in log.numbers()] == [
        ("ada", refs[0]),
        ("ada", refs[1]),
        ("eve", refs[0]),
    ]


def test_what_has_named_one_version_only_cannot_go_back(store, refs):
    names = References(store)
    names.move("web", "prod", refs[0], **BY)
    with pytest.raises(StoreError, match="judged/web@prod has named no other version before"):
        names.rollback("judged", "web", "prod", **BY)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("judged/web@prod", r"judged/web@prod is not in the store .* There are judged/web@\d{4}-"),
        ("judged@ffffffff", r"judged@ffffffff is not in the store .* There are judged/web@\d{4}-"),
        ("judged/web@2020-01-01.1", r"There are judged/web@\d{4}-"),
        ("judged/other", r"There are judged/web@\d{4}-"),
        ("corpus", r"corpus is not in the store .* There are judged, words\."),
        ("corpus@abcdef", r"There are judged, words\."),
    ],
)
def test_a_name_that_means_nothing_is_answered_with_what_is_there(store, refs, text, says):
    References(store).record("web", refs[0], **BY)
    with pytest.raises(MissingArtifact, match=re.compile(says, re.DOTALL)):
        References(store).resolve(text)


def test_a_name_that_means_two_recipes_asks_which(store, refs):
    names = References(store)
    names.record("web", refs[0], **BY)
    names.record("books", refs[1], **BY)
    with pytest.raises(StoreError, match="any of judged/books, judged/web: say which"):
        names.resolve("judged")
    assert names.resolve("judged", recipe="books") == refs[1]


def test_a_key_that_means_two_versions_shows_them(store, refs):
    twin = refs[0].model_copy(update={"key": refs[0].key[:8] + "0" * 56})
    store.create_manifest(store.open(refs[0]).model_copy(update={"ref": twin}))
    with pytest.raises(StoreError, match="means 2 versions"):
        References(store).resolve(f"judged@{refs[0].key[:8]}")


def test_a_damaged_reference_is_named(store, refs):
    names = References(store)
    names.record("web", refs[0], **BY)
    path = next(e.path for e in store.files.entries("refs"))
    (store.files.root / path).write_text("{")
    with pytest.raises(DamagedFile, match=path):
        names.resolve("judged/web")
