"""Prints one digest for each source file named on standard input; run by several Pythons."""

import hashlib
import json
import sys
import warnings
from pathlib import Path

from pipeline.versions.definition import ClassDefinition, Definition
from pipeline.versions.module import read_module


def _lines(definition: Definition) -> list[str]:
    found = definition.mentions
    own = [definition.name, definition.syntax, *sorted(map(repr, found.names))]
    own += [*sorted(map(repr, found.imports)), *sorted(found.attributes)]
    if isinstance(definition, ClassDefinition):
        for inner in (*definition.members.values(), *definition.fields.values()):
            own += _lines(inner)
    return own


def _digest(path: str) -> str:
    try:
        module = read_module("one", Path(path).read_bytes(), is_package=False)
    except (SyntaxError, ValueError):
        return "not Python"
    lines = [line for one in module.definitions.values() for line in _lines(one)]
    lines += map(repr, sorted(module.imports.items()))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # invalid escapes in other people's files
    json.dump({path: _digest(path) for path in sys.stdin.read().splitlines()}, sys.stdout)
