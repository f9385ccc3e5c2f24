"""What a source file defines at its top level, read without running it."""

import ast
from collections import defaultdict
from dataclasses import dataclass

from pipeline.versions.definition import Definition, define
from pipeline.versions.mentions import Import, imports_of
from pipeline.versions.statements import Guarded, bound_names, statements, touched_names


@dataclass(eq=False)
class Module:
    """The top level of one source file.

    Attributes:
        name: its dotted name.
        definitions: by top-level name.
        imports: by top-level name; several where an import has a fallback.
        star_line: the line of the first `import *`, 0 where there is none.
    """

    name: str
    definitions: dict[str, Definition]
    imports: dict[str, tuple[Import, ...]]
    star_line: int = 0


def read_module(name: str, source: bytes, *, is_package: bool) -> Module:
    """Read the source of the module `name`.

    Raises:
        SyntaxError, ValueError: this Python cannot read the source.
    """
    tree = ast.parse(source)
    package = name if is_package else name.rpartition(".")[0]
    imports: dict[str, tuple[Import, ...]] = {}
    bound: dict[str, list[Guarded]] = defaultdict(list)
    touched: dict[str, list[Guarded]] = defaultdict(list)
    star_line = 0
    for guards, node in statements(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, target in imports_of(node, package):
                imports[alias] = (*imports.get(alias, ()), target)
                star_line = star_line or (node.lineno if alias == "*" else 0)
            continue
        for bare in bound_names(node):
            bound[bare].append((guards, node))
        for bare in touched_names(node):
            touched[bare].append((guards, node))
    definitions = {
        bare: define(bare, given + touched[bare], package) for bare, given in bound.items()
    }
    return Module(name, definitions, imports, star_line)
