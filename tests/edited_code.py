"""A copy of our packages that a test may edit, to see what that changes in a stage's code."""

import shutil
from pathlib import Path

from pipeline.run.keys import EXECUTION_ONLY, OUR_PACKAGES
from pipeline.versions.fingerprint import CodeFingerprint, compare, fingerprint

ROOT = Path(__file__).parents[1]


class EditedCode:
    """Our packages as they are, until `edit`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        for package in OUR_PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=ignored)

    def code(self, stage) -> CodeFingerprint:
        roots = {package: self.folder / package for package in OUR_PACKAGES}
        return fingerprint(stage.entries(), roots, EXECUTION_ONLY)

    def edit(self, stage, file, old, new):
        """Which definitions of `stage` it changes to write `new` for `old` in a file."""
        before, path = self.code(stage).definitions, self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return compare(before, self.code(stage).definitions)
