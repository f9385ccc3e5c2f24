"""What the command line says when something is wrong: what, where, and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main
from pipeline.store import Store

ROOT = Path(__file__).parents[2]

RECIPE = """
name = "web"
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
[verdicts]
rules = ["empty_text"]
"""


@pytest.fixture
def folder(tmp_path):
    lines = [f'{{"text": "Text number {n}, long enough to be a sentence."}}' for n in range(5)]
    (tmp_path / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "web.toml").write_text(RECIPE.format(folder=tmp_path), encoding="utf-8")
    return tmp_path


def said(capsys, folder, *words):
    """The exit code and what was written to stderr."""
    capsys.readouterr()
    recipe, store = str(folder / "web.toml"), str(folder / "store")
    code = main([word.replace("RECIPE", recipe).replace("STORE", store) for word in words])
    return code, capsys.readouterr().err


def change(folder, old, new):
    path = folder / "web.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


PLAN = ("plan", "RECIPE", "--store", "STORE")
RUN = ("run", "RECIPE", "--store", "STORE", "--to", "documents", "--no-prefect", "--runner")


def test_an_unknown_block_is_named_with_the_nearest_one(capsys, folder):
    change(folder, '"empty_text"', '"emty_text"')
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert "No rule is called 'emty_text'. Did you mean 'empty_text'?" in words
    assert "pipeline/select/rules/emty_text.py" in words


def test_a_block_of_a_package_that_is_not_there_is_named(capsys, folder):
    change(folder, '"empty_text"', '"my_team.rules.no_adverts"')
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert "No rule is called 'my_team.rules.no_adverts'." in words
    assert "put the folder of my_team on PYTHONPATH" in words


def test_a_corpus_without_documents_is_said_by_a_pool_too(capsys, folder):
    change(folder, '"empty_text"', '{kind = "word_count", fewest = 1000}')
    run = ("run", "RECIPE", "--store", "STORE", "--to", "validation", "--no-prefect", "--runner")
    for runner in ("process", "pool"):
        code, words = said(capsys, folder, *run, runner)
        assert code == 1
        assert "The split holds out no document: nothing is left to measure scores on." in words


def test_a_misspelt_field_is_named_with_its_place(capsys, folder):
    change(folder, '"empty_text"', '{kind = "word_count", feewst = 3}')
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert "verdicts.rules.0.feewst is no field. Did you mean 'fewest'?" in words


def test_a_misspelt_section_is_named_with_the_nearest_one(capsys, folder):
    change(folder, "[verdicts]", "[verdict]")
    _, words = said(capsys, folder, *PLAN)
    assert "verdict is no field. Did you mean 'verdicts'?" in words


def test_a_field_that_is_gone_is_named_with_what_came_in_its_place(capsys, folder):
    change(folder, "[verdicts]", "[clusters]\nrows = 5\n[verdicts]")
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert "clusters.rows is no field any more. Take it out: " in words
    assert "signatures.rows" in words


def test_a_recipe_of_another_format_is_refused(capsys, folder):
    change(folder, 'name = "web"', 'name = "web"\nformat = 7')
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert "is of format 7, but this code reads and writes format 1" in words


def test_a_missing_recipe_says_how_to_write_one(capsys, folder):
    code, words = said(capsys, folder, "plan", "nowhere.toml")
    assert code == 1
    assert "There is no recipe nowhere.toml" in words
    assert "penstock init" in words


def test_a_missing_version_says_what_there_is(capsys, folder):
    assert said(capsys, folder, *RUN, "process")[0] == 0
    names = ("documents@ffffff", "documents/web@prod")
    code, words = said(capsys, folder, "promote", *names, "--store", "STORE", "--why", "x")
    assert code == 1
    assert "documents@ffffff is not in the store" in words
    assert "documents/web@2" in words


def test_a_damaged_shard_is_named_with_the_remedy(capsys, folder):
    assert said(capsys, folder, *RUN, "process")[0] == 0
    store = Store.at(folder / "store")
    shard = next(store.manifests("documents")).shards[0]
    path = folder / "store" / store.find_receipt(shard.stage, shard.shard_key).tables[0].file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    to_words = [word.replace("documents", "signals.words") for word in RUN]
    code, words = said(capsys, folder, *to_words, "process")
    assert code == 1
    assert path.name in words
    assert "penstock verify --repair" in words


def test_a_store_that_is_a_file_is_refused(capsys, folder):
    (folder / "store").write_text("no folder")
    code, words = said(capsys, folder, *PLAN)
    assert code == 1
    assert str(folder / "store") in words


def test_a_store_of_an_unknown_kind_is_refused(capsys, folder):
    code, words = said(capsys, folder, "plan", "RECIPE", "--store", "ftp://far.example/x")
    assert code == 1
    assert "stores of the kind ftp:// are not known here" in words


def test_an_unknown_stage_is_named_with_the_nearest_one(capsys, folder):
    code, words = said(capsys, folder, *PLAN, "--to", "verdict")
    assert code == 1
    assert "No stage is called 'verdict'. Did you mean 'verdicts'?" in words


def test_help_loads_nothing_heavy():
    words = [sys.executable, "-m", "flows", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "penstock init" in done.stdout
    assert "trace" in done.stdout
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    ).stderr
    for heavy in ("pyarrow", "prefect", "ray", "torch", "numpy", "pydantic"):
        assert f" {heavy}\n" not in loaded


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ((*RUN, "pool", "--workers", "0"), "--workers: Input should be greater than or equal to 1"),
        (("gc", "--store", "STORE", "--dry-run", "--labels", "-1"), "--labels: Input should be"),
        (("rerun", "documents/web", "--store", "STORE", "--workers", "0"), "--workers: Input"),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(capsys, folder, words, wrong):
    said(capsys, folder, *RUN, "process")
    code, answer = said(capsys, folder, *words)
    assert code == 1
    assert wrong in answer
    assert "(got " in answer


def test_a_plan_writes_nothing_at_all(capsys, folder):
    assert said(capsys, folder, *PLAN)[0] == 0
    assert said(capsys, folder, "why", "RECIPE", "--store", "STORE")[0] == 0
    assert not (folder / "store").exists()


@pytest.mark.parametrize(
    "words", [("sample", "corpus"), ("trace", "RECIPE", "x"), ("diff", "RECIPE"), ("verify",)]
)
def test_a_place_without_a_store_is_said_with_the_remedy(capsys, folder, words):
    code, answer = said(capsys, folder, *words, "--store", "STORE")
    assert code == 1
    assert f"There is no store at {folder / 'store'}: `penstock run` makes one" in answer
    assert not (folder / "store").exists()


def test_no_command_shows_the_help(capsys):
    assert main([]) == 2
    assert "penstock init" in capsys.readouterr().err
