"""What reads a recipe or plans a run loads nothing that only the work itself needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("numba", "trafilatura", "resiliparse", "lxml", "ftfy", "httpcore2", "tokenizers", "scipy")
HEAVY += ("torch", "ray", "prefect", "pycld2", "langdetect")
LOADED = """
import json, sys
from flows.cli import main
code = main(sys.argv[1:])
print(json.dumps([code, *sys.modules]))
"""


@pytest.mark.parametrize("command", ["plan", "schema", "blocks"])
def test_a_command_that_makes_nothing_loads_nothing_that_makes(command, tmp_path):
    recipe = (str(ROOT / "flows/recipes/demo.toml"), "--store", str(tmp_path / "store"))
    words = (command, *(recipe if command == "plan" else ()))
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, *modules = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0
    assert sorted(set(modules) & set(HEAVY)) == []


RECIPE = """
name = "few"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/*.jsonl"]
columns = { url = "url" }
[runtime]
workers = 1
"""
# numba is there, without what only a compiler needs; a text that wants no repair needs no ftfy.
ONLY_NOW_AND_THEN = ("scipy.linalg", "ftfy", "lxml", "langdetect", "torch", "ray")
ONLY_NOW_AND_THEN += ("prefect", "trafilatura", "resiliparse", "tokenizers", "httpcore2")


def test_a_run_of_plain_texts_loads_no_library_that_few_texts_or_only_compilers_need(tmp_path):
    line = "The quick brown fox jumps over the lazy dog, and runs away from it. "
    rows = ({"url": f"https://example.org/{n}", "text": f"{n} {line}" * n} for n in range(10, 40))
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.replace("FOLDER", str(tmp_path)))
    for store in ("one", "two"):  # the first compiles what is not kept yet
        asked = ("run", str(recipe), "--no-prefect", "--to", "corpus", "--store", store)
        ran = subprocess.run(
            [sys.executable, "-c", LOADED, *asked],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    code, *modules = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0
    assert "numba" in modules
    assert sorted(set(modules) & set(ONLY_NOW_AND_THEN)) == []


def test_a_flow_whose_server_is_there_loads_no_server_and_has_its_kernels_where_ours_are():
    code = (
        "import json, os, sys, flows.door.deployed; "
        "print(json.dumps([os.environ['NUMBA_CACHE_DIR'], *sys.modules]))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, text=True, check=True
    )
    folder, *modules = json.loads(ran.stdout.splitlines()[-1])
    assert folder == os.environ["NUMBA_CACHE_DIR"]
    assert "numba" not in modules
    assert [name for name in modules if name.startswith("prefect.server")] == []
