"""What `penstock diff RECIPE` compares: what people use now, with what they used before."""

import json

import pytest

from flows.cli import main

RECIPE = """
name = "web"
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
columns = {{ url = "url" }}
[verdicts]
rules = [{{ kind = "word_count", fewest = {fewest} }}]
[gates]
most_lost_share = 0.2
"""


@pytest.fixture
def penstock(tmp_path, capsys, monkeypatch):
    """Runs the command line on twelve documents of 1 to 12 words."""
    monkeypatch.setenv("COLUMNS", "200")
    recipe = tmp_path / "web.toml"
    with (tmp_path / "docs.jsonl").open("w") as file:
        for n in range(1, 13):
            text = " ".join(f"word{n}x{place}" for place in range(n))
            file.write(json.dumps({"url": f"https://pages.example/{n}", "text": text}) + "\n")

    def command(name, *words, code=0):
        capsys.readouterr()
        assert main([name, str(recipe), *words, "--store", str(tmp_path / "store")]) == code
        shown = capsys.readouterr()
        return shown.err if code else shown.out

    def run(*words, fewest=1):
        recipe.write_text(RECIPE.format(folder=tmp_path, fewest=fewest))
        return command("run", "--to", "corpus", "--no-prefect", "--runner", "process", *words)

    command.run = run
    return command


def test_tries_with_a_limit_are_passed_over(penstock):
    limited = ("--limit", "4")
    assert "@latest stays where it was: a run with --limit is a try." in penstock.run(*limited)
    assert "no two versions of corpus/web" in penstock("diff", code=1)
    penstock.run(fewest=2)
    assert "no two versions of corpus/web" in penstock("diff", code=1)
    penstock.run()
    penstock.run(*limited, fewest=3)
    shown = penstock("diff")
    assert "1 added, 0 changed, 0 gone, 11 unchanged" in shown
    assert "not @latest" not in shown


def test_a_version_that_a_gate_held_back_is_compared_with_the_latest(penstock):
    penstock.run()
    penstock.run(fewest=2)
    shown = penstock.run(fewest=6)
    assert "@latest stays where it was: 7 documents where there were 11" in shown
    shown = penstock("diff")
    assert "is not @latest: it is compared with what is." in shown
    assert "0 added, 0 changed, 4 gone, 7 unchanged" in shown
