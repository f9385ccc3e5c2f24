"""The statements of a source file that run when it is imported, and the names they give values."""

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pipeline.versions.syntax import Part

_TYPE_ALIAS = "TypeAlias"  # the statement `type X = ...`, unknown to Python 3.11's ast

# A statement, after the conditions under which it runs.
Guarded: TypeAlias = tuple[tuple[Part, ...], ast.stmt]


def statements(body: Iterable[ast.stmt], guards: tuple[Part, ...] = ()) -> Iterator[Guarded]:
    """All statements that run on import, inside `if`, `try`, `for` and `with` too."""
    for node in body:
        match node:
            case ast.If():
                if not _never_runs(node.test):
                    yield from statements(node.body, (*guards, "if", node.test))
                    yield from statements(node.orelse, (*guards, "else", node.test))
                else:
                    yield from statements(node.orelse, guards)
            case ast.Try() | ast.TryStar():
                yield from statements([*node.body, *node.orelse], (*guards, "try"))
                for handler in node.handlers:
                    kind = [handler.type] if handler.type else []
                    yield from statements(handler.body, (*guards, "except", *kind))
                yield from statements(node.finalbody, guards)
            case ast.For() | ast.While() | ast.With():
                yield from _headed(node, guards)
            case _:
                yield guards, node


def _headed(node: ast.For | ast.While | ast.With, guards: tuple[Part, ...]) -> Iterator[Guarded]:
    """A loop or `with`: its head as plain assignments, then its body under that head."""
    heads: list[tuple[ast.expr | None, ast.expr]]
    if isinstance(node, ast.For):
        heads = [(node.target, node.iter)]
    elif isinstance(node, ast.With):
        heads = [(one.optional_vars, one.context_expr) for one in node.items]
    else:
        heads = [(None, node.test)]
    inside = (*guards, type(node).__name__)
    for target, source in heads:
        inside = (*inside, *([target] if target else []), source)
        if target:
            yield (*guards, type(node).__name__), ast.Assign(targets=[target], value=source)
    rest = [] if isinstance(node, ast.With) else node.orelse
    yield from statements([*node.body, *rest], inside)


def _never_runs(test: ast.expr) -> bool:
    """TYPE_CHECKING and `__name__ == "__main__"`: not run when the module is imported."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return True
    return False


def bound_names(node: ast.stmt) -> list[str]:
    """The top-level names that a statement gives a value."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign(targets=targets):
            return [name for target in targets for name in _target_names(target)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return [name]
        case ast.AugAssign(target=ast.Name(id=name)):
            return [name]
    if type(node).__name__ == _TYPE_ALIAS:
        return [name.id for name in ast.walk(node) if isinstance(name, ast.Name)][:1]
    return []


def _target_names(target: ast.AST) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _target_names(part)
        case ast.Starred(value=inner):
            yield from _target_names(inner)


def touched_names(node: ast.stmt) -> list[str]:
    """The names whose values a statement changes: `TABLE[x] = 1`, `TABLE.update(...)`."""
    match node:
        case ast.Assign(targets=targets):
            changed: list[ast.expr] = [one for one in targets if not isinstance(one, ast.Name)]
        case ast.AugAssign(target=ast.Attribute() | ast.Subscript()):
            changed = [node.target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value))):
            changed = [value]
        case ast.FunctionDef(decorator_list=decorators):  # @encode.register
            calls = [one.func if isinstance(one, ast.Call) else one for one in decorators]
            changed = [one for one in calls if isinstance(one, ast.Attribute)]
        case _:
            return []
    return [name for one in changed for name in _base_name(one)]


def _base_name(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
