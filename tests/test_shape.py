"""The shape of the code: who may import whom, and how long a thing may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "pipeline", "ray_jobs", "flows")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST_FILE = 300  # lines
LONGEST_FUNCTION = 50  # lines


def test_imports_point_one_way():
    # In a process of its own: the linter turns off the loggers that are there.
    lint = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_top_level_holds_what_was_agreed():
    here = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    agreed = {"pyproject.toml", "README.md", "flows", "pipeline", "ray_jobs", "schemas"}
    made = {"demo", "store", "build", "penstock.egg-info", "__pycache__"}
    assert here - made == agreed | {"tests", "infra"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_idea(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "say in one line what lives here"
    assert len(source.splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno
            assert lines < LONGEST_FUNCTION, f"{node.name} does more than one thing"
