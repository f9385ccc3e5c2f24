"""The whole data path on an object store: the versions that a disk has, and every command.

The store is encrypted, and lies there as any other; the one on the disk is not.
"""

import os

import pytest

from flows.cli import main
from flows.recipe import read_recipe
from pipeline.storage.encryption.seal import MAGIC
from pipeline.storage.encryption.settings import FILE_VARIABLE
from pipeline.storage.nearby import VARIABLE
from pipeline.storage.references import References
from pipeline.store import Store
from tests import canaries, tiny_corpus
from tests.object_store import new_bucket
from tests.pipeline.storage.encryption import keys
from tests.tiny_corpus import FIRST, SECOND, SITE, next_window, pages, recipe_file, write_pages


@pytest.fixture(scope="module")
def far(s3_endpoint, tmp_path_factory):
    """A folder with the recipe, and two windows of it on an object store, the first by a pool."""
    folder = tmp_path_factory.mktemp("far")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        told = {"AWS_ENDPOINT_URL": s3_endpoint, VARIABLE: str(folder / "scratch")}
        for name, value in (canaries.planted() | told).items():
            if not name.startswith("PREFECT_"):
                patch.setenv(name, value)
        keys.use(patch, folder / "keys")
        patch.setenv("COLUMNS", "300")
        place = new_bucket(s3_endpoint)
        path = recipe_file(folder, tiny_corpus.RECIPE.replace("FOLDER/store", place))
        recipe = read_recipe(path)
        for window, made, runner in (
            (FIRST, pages(), "pool"),
            (SECOND, next_window(pages()), "process"),
        ):
            write_pages(folder / "pages.jsonl", made)
            runtime = recipe.runtime.model_copy(update={"runner": runner, "workers": 2})
            recipe = recipe.model_copy(update={"runtime": runtime})
            tiny_corpus.run(recipe, refresh=True, window=window)
        yield path, place


@pytest.fixture
def penstock(far, capsys):
    """Runs a command on that store; returns what it said."""

    def command(*words, code=0):
        capsys.readouterr()
        words = [str(far[0]) if word == "RECIPE" else str(word) for word in words]
        assert main([*words, "--store", far[1]]) == code
        shown = capsys.readouterr()
        assert canaries.in_bytes((shown.out + shown.err).encode(), os.environ | PREFECTS) == []
        return shown.out + shown.err

    return command


PREFECTS = dict.fromkeys(canaries.AUTH_STRINGS, "ada:nobody-has-this-one")


def versions(store):
    """Version -> its digests; the key of pages holds where their file lies."""
    found = {}
    for stage in sorted({entry.path.split("/")[1] for entry in store.files.entries("versions")}):
        for manifest in store.manifests(stage):
            key = manifest.digests["pages.doc_id"] if stage == "pages" else manifest.ref.key
            found[stage, key] = manifest.digests
    return found


def test_keys_and_digests_are_those_of_a_store_on_a_disk(far, monkeypatch):
    found = versions(Store.at(far[1]))
    monkeypatch.delenv(FILE_VARIABLE)
    disk = Store.at(tiny_corpus.two_windows()[0] / "store")
    assert found == versions(disk)


def test_no_object_its_name_or_metadata_holds_anything_of_a_page_or_a_key(far, s3_endpoint):
    made = (pages() | next_window(pages())).values()
    hidden = {each["text"][:30]: each["text"][:30].encode() for each in made}
    hidden |= {each: each.encode() for each in ("pages.example", "ann.smith", "Page 7", FIRST)}
    hidden |= {f"key {n}": each for n, each in enumerate(keys.forms(far[0].parent / "keys"))}
    for path, told in canaries.objects(far[1], os.environ, s3_endpoint):
        assert not [name for name, each in hidden.items() if each in told], path
        assert MAGIC in told or path == "store.json" or path.startswith("keys/")


def test_a_run_with_nothing_to_make_makes_nothing(far, penstock):
    before = set(Store.at(far[1]).files.entries("shards"))
    said = penstock("run", "RECIPE", "--no-prefect", "--to", "tokens", "--runner", "process")
    assert "Nothing to make" in said
    assert set(Store.at(far[1]).files.entries("shards")) == before


def test_questions_are_answered(penstock, tmp_path):
    assert "corpus" in penstock("plan", "RECIPE")
    assert "Page 7" in penstock("trace", "RECIPE", f"{SITE}07.html")
    assert "word_count" in penstock("why-not", f"{SITE}20.html")
    assert "tokens" in penstock("lineage", "corpus/tiny")
    assert penstock("impact", "pages.example")
    assert penstock("sample", "corpus", "-n", "1")
    assert penstock("card", "corpus/tiny")
    assert penstock("versions")
    assert penstock("diff", "RECIPE")
    penstock("export", "corpus/tiny", str(tmp_path / "out"))
    assert list((tmp_path / "out").rglob("*.parquet"))


def test_names_move_and_move_back(far, penstock):
    store = Store.at(far[1])
    names = References(store)
    log = names.versions("corpus", "tiny")
    first, second = (log.get(number) for number in log.numbers())
    for each in (first, second):
        penstock("promote", f"corpus/tiny@{each.label}", "corpus/tiny@prod", "--why", "test")
    assert names.resolve("corpus/tiny@prod") == second.ref
    penstock("rollback", "corpus/tiny@prod", "--why", "a test")
    assert names.resolve("corpus/tiny@prod") == first.ref


def test_a_store_is_verified_collected_and_made_again(far, penstock):
    assert "all as they were written" in penstock("verify", "corpus")
    assert "0 files, 0.0 MB would go." in penstock("gc", "--dry-run")
    penstock("gc", "--hours", "0", "--labels", "1", "--runs", "1", "--why", "a test")
    assert "all as they were written" in penstock("verify", "corpus")
    assert "equal" in penstock("rerun", "verdicts")
    store = Store.at(far[1])
    file = store.receipt(next(store.manifests("corpus")).shards[0]).tables[0].file
    content = bytearray(store.files.read(file.path))
    content[len(content) // 2] ^= 1
    store.files.replace(file.path, bytes(content))
    assert file.path in penstock("verify", "corpus", code=1).replace("\n", "")
    penstock("verify", "corpus", "--repair")
    penstock("run", "RECIPE", "--no-prefect", "--to", "corpus", "--runner", "process")
    assert "all as they were written" in penstock("verify", "corpus")


def test_no_planted_secret_is_in_what_was_left(far, s3_endpoint):
    environment = os.environ | PREFECTS
    assert len(canaries.values(environment)) == 20
    found, read = canaries.in_bucket(far[1], environment, s3_endpoint)
    assert (found, read > 100) == ([], True)
    assert canaries.in_folder(far[0].parent, environment)[0] == []
