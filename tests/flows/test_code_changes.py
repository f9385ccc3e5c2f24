"""What a change of code does to a plan: nothing, or one stage, whose changed function is named."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULE = "pipeline/select/rules/word_count.py"
RECIPE = """
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
[verdicts]
rules = [{{ kind = "word_count", fewest = 3 }}]
"""
FAMILY = '''"""How many letters a text has."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.signals.family import Family


class Letters(Family):
    """Counts characters."""

    columns: ClassVar[pa.Schema] = pa.schema([pa.field("letters", pa.int64())])
    examples: ClassVar = (("abc", {"letters": 3}),)

    def measure(self, batch):
        """Count."""
        return pa.RecordBatch.from_pydict(
            {"letters": pc.utf8_length(batch["text"]).cast(pa.int64())}, schema=self.columns
        )
'''


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of our packages, and a recipe that was run with it once."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in ("schemas", "pipeline", "ray_jobs", "flows"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    lines = [json.dumps({"text": "word " * n}) for n in range(1, 9)]
    (folder / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "web.toml").write_text(RECIPE.format(folder=folder), encoding="utf-8")
    done = penstock(folder, "run", "--no-prefect")
    assert done.returncode == 0, done.stderr
    return folder


def penstock(folder, command, *words):
    targets = ["--to", "verdicts,signals.private_data"]
    call = [sys.executable, "-m", "flows", command, "web.toml", "--store", "store", *targets]
    return subprocess.run([*call, *words], cwd=folder, capture_output=True, text=True)


def plan(folder):
    """Stage -> the line of the plan and those that go on with its reasons."""
    found, stage = {}, ""
    out = penstock(folder, "plan").stdout
    for line in out.splitlines():
        if line and not line.startswith(" ") and not line.startswith("stage"):
            stage = line.split()[0]
        found[stage] = " ".join([found.get(stage, ""), line])
    return found


@pytest.fixture
def rule(checkout):
    """The file of the rule, set back after the test."""
    path = checkout / RULE
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def test_a_comment_a_docstring_and_another_layout_change_nothing(checkout, rule):
    text = rule.read_text(encoding="utf-8")
    text = text.replace("words = signals[", "words = (  # counted before\n            signals[")
    text = text.replace(
        '"words.words"]\n        fewest', '"words.words"]\n        )\n        fewest'
    )
    rule.write_text(text.replace("Keeps documents of", "Lets documents stay of"), encoding="utf-8")
    assert "Nothing to make" in penstock(checkout, "plan").stdout


def test_a_changed_function_of_a_rule_runs_verdicts_again_and_is_named(checkout, rule):
    text = rule.read_text(encoding="utf-8")
    changed = text.replace("above(words, self.most)", "above(words, self.most + 1)")
    assert changed != text
    rule.write_text(changed, encoding="utf-8")
    found = plan(checkout)
    assert "to make" in found["verdicts"]
    assert "word_count:WordCount.judge" in found["verdicts"]
    for stage in ("documents", "signals.words"):
        assert "reused" in found[stage]


def test_a_changed_threshold_is_named_by_its_field(checkout):
    recipe = checkout / "web.toml"
    before = recipe.read_text()
    recipe.write_text(before.replace("fewest = 3", "fewest = 4"))
    try:
        found = plan(checkout)
    finally:
        recipe.write_text(before)
    assert "rules[0].fewest: 3 -> 4" in found["verdicts"]


def test_a_new_signal_computes_one_family(checkout):
    (checkout / "pipeline/signals/families/letters.py").write_text(FAMILY, encoding="utf-8")
    recipe = checkout / "web.toml"
    before = recipe.read_text()
    families = '["language", "words", "repetition", "private_data", "letters"]'
    recipe.write_text(before + f"[signals]\nfamilies = {families}\n")
    try:
        done = penstock(checkout, "run", "--no-prefect", "--to", "signals.letters,verdicts")
    finally:
        recipe.write_text(before)
    lines = [line.split()[:2] for line in done.stdout.splitlines() if " made " in line]
    assert lines == [["signals.letters", "made"]], done.stdout + done.stderr
