"""A version leaves the store under plain names, whole, and with its origin beside it."""

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.version_files import copy_out, model_folder, outside, safe
from pipeline.errors import DamagedFile, StoreError, StoreUnreachable
from pipeline.store import Store
from ray_jobs.stages import MODEL_FILES
from schemas.artifact import Manifest
from tests.pipeline.toy import Source
from tests.support import made
from tests.tiny_corpus import copied


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


@pytest.fixture
def words(store):
    return made(Source(), store)


def copy(store, manifest, folder):
    copied_names = []
    copy_out(store, manifest, folder, lambda name, size: copied_names.append((name, size)))
    return copied_names


def test_the_only_table_of_a_version_is_a_file_for_each_shard(store, words, tmp_path):
    names = copy(store, words, tmp_path / "out")
    assert [name for name, _ in names] == [f"{n:03d}.parquet" for n in range(4)]
    files = sorted((tmp_path / "out").glob("*.parquet"))
    there = pa.concat_tables([pq.read_table(path) for path in files])
    assert there["text"].to_pylist() == list(Source().words)


def test_the_manifest_goes_along(store, words, tmp_path):
    copy(store, words, tmp_path / "out")
    origin = (tmp_path / "out" / "penstock.json").read_bytes()
    assert Manifest.model_validate_json(origin) == words


def test_a_folder_that_holds_something_is_left_alone(store, words, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="is not empty"):
        copy(store, words, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_place_that_cannot_be_a_folder_is_named(store, words, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnreachable, match="file"):
        copy(store, words, tmp_path / "file" / "out")


def test_a_damaged_file_does_not_leave_the_store(store, words, tmp_path):
    (first, *_) = outside(store, words)
    path = tmp_path / "store" / first.stored.path
    path.write_bytes(bytes(first.stored.size))
    with pytest.raises(DamagedFile, match="SHA-256"):
        copy(store, words, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.parquet"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("corpus", "corpus"),
        ("2026-11-22-example.org_8471-000", "2026-11-22-example.org_8471-000"),
        ("../../etc/passwd", "_.._.._etc_passwd"),
        ("..", "_.."),
        (".bashrc", "_.bashrc"),
        ("", "_"),
        ("a b\x00c/ü", "a_b_c__"),
    ],
)
def test_a_name_stays_in_its_folder(name, plain):
    assert safe(name) == plain
    assert "/" not in safe(name)


def test_the_command_exports_a_recipes_corpus(tmp_path, capsys):
    folder = copied(tmp_path)
    words = ["export", str(folder / "tiny.toml"), str(folder / "out"), "--stage", "corpus"]
    assert main(words) == 0
    assert "are in" in capsys.readouterr().out
    rows = [pq.read_table(path) for path in sorted((folder / "out").glob("*.parquet"))]
    assert "text" in rows[0].column_names
    assert sum(map(len, rows)) == 26


def test_what_is_to_be_made_anew_is_exported_as_it_was_made_last(tmp_path, capsys):
    folder = copied(tmp_path)
    recipe = folder / "tiny.toml"
    assert main(["run", str(recipe), "--to", "tokenizer", "--no-prefect"]) == 0
    recipe.write_text(recipe.read_text().replace("vocabulary = 300", "vocabulary = 301"))
    assert main(["export", str(recipe), str(folder / "out"), "--stage", "tokenizer"]) == 0
    assert "is an earlier run's" in capsys.readouterr().err
    assert (folder / "out/tokenizer.json").exists()


def test_the_command_names_what_is_missing(tmp_path, capsys):
    folder = copied(tmp_path)
    assert main(["export", str(folder / "tiny.toml"), str(folder / "out")]) == 1
    assert "A version of model" in capsys.readouterr().err
    store = ["--store", str(folder / "store")]
    assert main(["generate", "corpus/tiny@latest", "The ", *store]) == 1
    assert "is no model" in capsys.readouterr().err


def test_a_model_lies_in_a_folder_under_its_files_names(store, tmp_path):
    from tests.flows.toy_job import ToyJob

    model = made(ToyJob(kind="model"), store, tokens=made(Source(), store))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folder = model_folder(store, model, scratch)
    assert sorted(path.name for path in folder.iterdir()) == sorted(MODEL_FILES)
    assert (folder / "config.json").read_bytes() == b"config.json"
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert digests == {store.stored_file(model, name).sha256 for name in MODEL_FILES}


def test_a_number_that_cannot_be_is_named_with_its_option(tmp_path, capsys):
    from tests.flows.toy_job import ToyJob

    store = Store.at(tmp_path / "store")
    model = made(ToyJob(kind="model"), store, tokens=made(Source(), store))
    place = ["--store", str(tmp_path / "store")]
    assert main(["generate", str(model.ref), "The ", "--top-k", "0", *place]) == 1
    assert "--top-k 0 cannot be used" in capsys.readouterr().err
