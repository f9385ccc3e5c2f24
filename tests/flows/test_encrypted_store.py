"""The real stages on an encrypted store of a disk: equal versions, nothing of a page in clear."""

import os
import stat

import pytest

from flows.cli import main
from flows.explore.answers import Words, answer
from flows.explore.subject import Looked
from flows.options import STORE_VARIABLE
from flows.recipe import read_recipe
from pipeline.errors import DamagedFile
from pipeline.storage.encryption.seal import MAGIC
from pipeline.storage.encryption.settings import FILE_VARIABLE
from pipeline.store import Store
from tests import tiny_corpus
from tests.pipeline.storage.encryption import keys
from tests.tiny_corpus import FIRST, SITE, pages, recipe_file, write_pages


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with recipe, key file and an encrypted store with one window."""
    folder = tmp_path_factory.mktemp("encrypted")
    with pytest.MonkeyPatch.context() as patch:
        keys.use(patch, folder / "keys")
        patch.setenv("COLUMNS", "300")
        recipe = read_recipe(recipe_file(folder))
        write_pages(folder / "pages.jsonl", pages())
        yield folder, tiny_corpus.run(recipe, refresh=True, window=FIRST)


@pytest.fixture
def penstock(made, capsys, monkeypatch):
    """Runs a command on that store; returns what it said."""
    for variable in (STORE_VARIABLE, "NUMBA_CACHE_DIR"):  # a command sets them for its process
        monkeypatch.setenv(variable, os.environ.get(variable, ""))

    def command(*words, code=0):
        capsys.readouterr()
        words = [str(made[0] / "tiny.toml") if word == "RECIPE" else str(word) for word in words]
        ended = main([*words, "--store", str(made[0] / "store")])
        assert code in (None, ended)
        shown = capsys.readouterr()
        return shown.out + shown.err

    return command


def versions(store, run):
    """Stage -> its key and its digests; the key of pages holds where their file lies."""
    found = {name: store.open(each.ref) for name, each in run.stages.items()}
    return {name: (name == "pages" or m.ref.key, m.digests) for name, m in found.items()}


def sealed(folder):
    """Every file of the store that is not said to be in clear."""
    store = folder / "store"
    clear = ("store.json", "keys")
    for path in store.rglob("*"):
        if path.is_file() and path.relative_to(store).parts[0] not in clear:
            yield path


def test_keys_and_digests_are_those_of_a_store_in_clear(made, monkeypatch):
    folder, run = made
    found = versions(Store.at(folder / "store"), run)
    monkeypatch.delenv(FILE_VARIABLE)
    clear, first, _ = tiny_corpus.two_windows()
    assert found == versions(Store.at(clear / "store"), first)


def test_every_file_is_sealed_and_nothing_of_a_page_stands_in_any(made):
    folder, _ = made
    plain = ["pages.example", "ann.smith", "Page 7", FIRST]
    plain += [each["text"][:30] for each in pages().values()]
    assert len(list(sealed(folder))) > 100
    for path in sealed(folder):
        content = path.read_bytes()
        assert content.startswith(MAGIC)
        assert not [text for text in plain if text.encode() in content], path
        assert "pages.example" not in str(path.relative_to(folder))


def test_work_in_progress_lay_outside_in_a_private_folder_and_is_gone(made):
    folder, _ = made
    (nearby,) = (folder / "scratch").iterdir()
    assert stat.S_IMODE(nearby.stat().st_mode) == 0o700
    assert not [path for path in nearby.rglob("*") if path.is_file()]
    assert not list((folder / "store/attempts/scratch").iterdir())


def test_no_key_is_in_what_is_left_nor_in_what_is_said(made, penstock):
    folder, _ = made
    said = penstock("versions") + penstock("doctor", code=None) + penstock("plan", "RECIPE")
    secrets = keys.forms(folder / "keys")
    assert not [each for each in secrets if each in said.encode()]
    for path in (folder / "store", folder / "scratch"):
        for file in (each for each in path.rglob("*") if each.is_file()):
            assert not [each for each in secrets if each in file.read_bytes()], file


def test_questions_are_answered(made, penstock, tmp_path):
    assert "Page 7" in penstock("trace", "RECIPE", f"{SITE}07.html")
    assert "word_count" in penstock("why-not", f"{SITE}20.html")
    looked = Looked(Store.at(made[0] / "store", create=False))
    asked = Words([("of", "run:tiny/1"), ("words", f"{SITE}07.html")])
    assert answer(looked, "/api/documents", asked)["rows"]
    penstock("export", "tokenizer/tiny", tmp_path / "out", "--stage", "tokenizer")
    assert (tmp_path / "out/tokenizer.json").read_bytes().startswith(b"{")


def test_the_page_of_results_is_written_out_on_demand(made, penstock, tmp_path):
    store = Store.at(made[0] / "store")
    store.files.replace("reports/tiny.html", b"<html>")
    assert "is the page of results" in penstock("results", "RECIPE", tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == b"<html>"


def test_damage_is_found_named_and_mended(made, penstock):
    folder, run = made
    store = Store.at(folder / "store")
    assert "all as they were written" in penstock("verify")
    corpus = store.open(run.stages["corpus"].ref)
    table = store.receipt(corpus.shards[0]).tables[0].file.path
    receipt = store.receipt_path("corpus", corpus.shards[1].shard_key)
    manifest = f"versions/verdicts/{run.stages['verdicts'].ref.key}.json"
    for path in (table, receipt, manifest):
        lying = bytearray(store.files.lying(path))
        lying[len(lying) // 2] ^= 1
        (folder / "store" / path).unlink()
        (folder / "store" / path).write_bytes(lying)
        with pytest.raises(DamagedFile, match=path):
            store.files.read(path)
    said = penstock("verify", "--repair").replace("\n", "")
    assert all(path in said for path in (table, receipt, manifest))
    penstock("run", "RECIPE", "--no-prefect", "--to", "corpus", "--runner", "process")
    assert "all as they were written" in penstock("verify", "corpus")
    assert store.open(run.stages["verdicts"].ref)


def test_garbage_is_collected(made, penstock):
    penstock("gc", "--hours", "0", "--labels", "1", "--runs", "1", "--why", "a test")
    assert "all as they were written" in penstock("verify", "corpus")
