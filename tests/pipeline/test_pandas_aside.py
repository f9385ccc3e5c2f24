"""pandas costs no process that does not ask for it."""

import json
import subprocess
import sys

ASKED = """
import sys
import pyarrow as pa
from pipeline.pandas_aside import leave_pandas_aside
leave_pandas_aside()
pa.array(["a list"])
print("pandas" in sys.modules, pa.table({"a": [1, 2]}).to_pandas()["a"].sum())
"""
RUN = """
import sys
from flows.cli import main
code = main(["run", sys.argv[1], "--no-prefect", "--to", "corpus"])
print(code, "pandas" in sys.modules)
"""
RECIPE = """
name = "aside"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/pages.jsonl"]
[verdicts]
rules = ["empty_text"]
[runtime]
store = "FOLDER/store"
"""


def said(code, *words):
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def test_a_data_frame_is_there_for_who_asks():
    assert said(ASKED) == "False 3"


def test_a_run_does_without(tmp_path):
    page = json.dumps({"text": "The lamp of the harbour is lit at dusk."})
    (tmp_path / "pages.jsonl").write_text(f"{page}\n")
    (tmp_path / "recipe.toml").write_text(RECIPE.replace("FOLDER", str(tmp_path)))
    assert said(RUN, str(tmp_path / "recipe.toml")) == "0 False"
