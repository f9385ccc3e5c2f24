"""A small package of source files, and what its fingerprint is now."""

import textwrap
from pathlib import Path

from pipeline.versions.fingerprint import fingerprint

RULE = '''
"""A rule."""
from typing import ClassVar

import numpy as np

from ours import words
from ours.base import Rule
from .limits import LARGEST as TOP


class WordCount(Rule):
    """Counts words."""

    fewest: int = 50
    most: int = Field(default=TOP, gt=0, description="words")
    unused: int = 3
    examples: ClassVar = ((1, 2), (3, 4))
    separators = (" ", "\\n")

    def reasons(self, batch):
        """Why."""
        n = words.count(batch, self.separators)
        return np.where(n < self.fewest, "few", None) + self.most


def nobody_calls_this():
    return forgotten()
'''
FILES = {
    "__init__.py": '"""Ours."""\n',
    "rule.py": RULE,
    "words.py": "def count(text, separators):\n    return helper(text)\n\n"
    "def helper(text):\n    return len(text.split())\n",
    "limits.py": "LARGEST = 100_000\nOTHER = 1\n",
    "base.py": "class Rule:\n    def keep(self):\n        return True\n",
}


class Tree:
    """A package `ours` on disk, and what its rule's fingerprint is now."""

    def __init__(self, root: Path) -> None:
        self.root = root / "ours"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def code(self, *entries, **settings):
        return fingerprint(entries or ["ours.rule:WordCount"], {"ours": self.root}, **settings)


def reached(tree, source, **settings):
    """What the function `f` of a module with this source reaches, without `ours`."""
    tree.write("one.py", source)
    names = tree.code("ours.one:f", **settings).definitions
    return {name.removeprefix("ours.") for name in names}


def digest(tree, source):
    tree.write("one.py", source)
    return tree.code("ours.one:f").definitions["ours.one:f"]
