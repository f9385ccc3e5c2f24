"""A digest of a piece of syntax tree, equal on every Python that can read the piece.

Neither `ast.unparse` (f-strings differ between 3.11 and 3.12) nor `ast.dump` (differs on every
version) is stable, so this is our own walk. It leaves out what cannot change a result: positions,
docstrings and other bare constants, `pass`, annotations, type comments and type parameters.
"""

import ast
import hashlib
from collections.abc import Hashable, Iterable
from functools import cache, lru_cache
from typing import TypeAlias

Part: TypeAlias = ast.AST | str

# `ctx` repeats where a name stands; `kind` is the u of u""; `simple` is a parenthesis.
_LEFT_OUT = frozenset(
    {"annotation", "returns", "type_comment", "type_params", "type_ignores"}
    | {"ctx", "kind", "simple"}
)


def syntax_digest(parts: Iterable[Part]) -> str:
    """The SHA-256 in hex of syntax trees, and of strings that say what binds them."""
    pieces: list[bytes] = []
    waiting: list[object] = [part for part in reversed([*parts]) if not _idle(part)]
    while waiting:  # no recursion: a sum of 2,000 terms is 2,000 levels deep
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
            pieces.append(b"[%d" % len(value))
        elif isinstance(value, ast.AST):
            waiting.extend(reversed(_expand(value)))
        else:
            pieces.append(_constant(value))
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def _expand(node: ast.AST) -> list[object]:
    """The node's type, the number of its fields, and their names and values."""
    if isinstance(node, ast.Constant):
        return ["Constant", node.value]
    if isinstance(node, ast.JoinedStr):
        return ["JoinedStr", _pieces(node)]
    if isinstance(node, ast.AnnAssign) and node.value:
        return _form("Assign", [("targets", [node.target]), ("value", node.value)])
    fields = [(name, _value(getattr(node, name, None))) for name in _fields(type(node)._fields)]
    return _form(type(node).__name__, fields)


def _form(kind: str, fields: list[tuple[str, object]]) -> list[object]:
    """A field that is empty says nothing, so a field that a later Python adds changes nothing."""
    there = [(name, value) for name, value in fields if value is not None and value != []]
    form: list[object] = [kind, len(there)]
    for name, value in there:
        form += name, value
    return form


@cache
def _fields(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if name not in _LEFT_OUT))


def _value(value: object) -> object:
    if isinstance(value, list):
        return [part for part in value if not _idle(part)]
    if isinstance(value, ast.JoinedStr) and not _pieces(value):
        return None  # the empty format of f"{x:}"
    return value


def _idle(node: object) -> bool:
    """A statement that does nothing: pass, a docstring or another constant, a bare annotation."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or (isinstance(node, ast.AnnAssign) and node.value is None)


def _pieces(node: ast.JoinedStr) -> list[object]:
    """An f-string's pieces; Python 3.12 cuts its constants in other places than 3.11."""
    pieces: list[object] = []
    for value in node.values:
        if not isinstance(value, ast.Constant):
            pieces.append(value)
        elif pieces and isinstance(before := pieces[-1], str):
            pieces[-1] = before + str(value.value)
        elif value.value:
            pieces.append(value.value)
    return pieces


@lru_cache(maxsize=65536, typed=True)  # names come again and again
def _constant(value: Hashable) -> bytes:
    """The value with its type and length; never its repr, which may differ between Pythons."""
    if isinstance(value, str):
        payload = value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes):
        payload = value
    elif isinstance(value, bool):
        payload = b"1" if value else b"0"
    elif isinstance(value, int):
        payload = hex(value).encode()
    elif isinstance(value, float):
        payload = value.hex().encode()
    elif isinstance(value, complex):
        payload = value.imag.hex().encode()
    else:  # None and the ellipsis
        payload = b""
    return b"%s:%d:%s" % (type(value).__name__.encode(), len(payload), payload)
