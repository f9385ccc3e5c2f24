"""Which names a piece of code mentions: global ones, imported ones, and attributes."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pipeline.versions.syntax import Part

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Import(NamedTuple):
    """What an imported name stands for: `module`, or its attribute `name`."""

    module: str
    name: str | None = None


# What the functions around a place bind: to imports, or to nothing we can follow.
Scope: TypeAlias = Mapping[str, tuple[Import, ...]]


@dataclass(frozen=True)
class Mentions:
    """What a definition mentions.

    Attributes:
        names: global names with the attributes taken from them, `("words", "count")`.
        imports: the same for names that the definition itself imports.
        attributes: every attribute taken from anything.
    """

    names: frozenset[tuple[str, ...]]
    imports: frozenset[tuple[Import, tuple[str, ...]]]
    attributes: frozenset[str]


def imports_of(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Import]]:
    """The names that an import statement binds, in a module of `package`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield alias.asname or top, Import(alias.name if alias.asname else top)
        return
    module = node.module or ""
    if node.level:
        parents = package.split(".")
        above = parents[: len(parents) - node.level + 1]
        module = ".".join([*above, *([module] if module else [])])
    for alias in node.names:
        yield alias.asname or alias.name, Import(module, alias.name)


def mentions(parts: Iterable[Part], package: str) -> Mentions:
    """What `parts` mention; annotations do not count."""
    walk = _Walk(package)
    walk.run(part for part in parts if isinstance(part, ast.AST))
    return Mentions(frozenset(walk.names), frozenset(walk.imports), frozenset(walk.attributes))


class _Walk:
    def __init__(self, package: str) -> None:
        self.package = package
        self.names: set[tuple[str, ...]] = set()
        self.imports: set[tuple[Import, tuple[str, ...]]] = set()
        self.attributes: set[str] = set()
        self._waiting: list[tuple[ast.AST, Scope]] = []

    def run(self, nodes: Iterable[ast.AST]) -> None:
        self._waiting.extend((node, {}) for node in nodes)
        while self._waiting:
            node, scope = self._waiting.pop()
            self._visit(node, scope)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name() | ast.Attribute():
                self._chain(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.AnnAssign():
                self._push([node.target, *([node.value] if node.value else [])], scope)
            case ast.Global(names=names):
                self.names.update((name,) for name in names)
            case _:
                self._named_attributes(node)
                self._push(ast.iter_child_nodes(node), scope)

    def _push(self, nodes: Iterable[ast.AST], scope: Scope) -> None:
        self._waiting.extend((node, scope) for node in nodes)

    def _chain(self, node: ast.Name | ast.Attribute, scope: Scope) -> None:
        """Note `a.b.c` as one mention, as far as it starts at a name."""
        attributes: list[str] = []
        base: ast.AST = node
        while isinstance(base, ast.Attribute):
            attributes.insert(0, base.attr)
            base = base.value
        self.attributes.update(attributes)
        if not isinstance(base, ast.Name):
            self._push([base], scope)
        elif base.id in scope:
            self.imports.update((target, tuple(attributes)) for target in scope[base.id])
        elif isinstance(base.ctx, ast.Load):
            self.names.add((base.id, *attributes))

    def _named_attributes(self, node: ast.AST) -> None:
        """Note attributes that stand as words: `case Point(x=0)`, `getattr(point, "x")`."""
        match node:
            case ast.MatchClass(kwd_attrs=names):
                self.attributes.update(names)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                self.attributes.add(name)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope
    ) -> None:
        self._push(node.args.defaults, scope)
        self._push([default for default in node.args.kw_defaults if default], scope)
        if not isinstance(node, ast.Lambda):
            self._push(node.decorator_list, scope)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        bound, freed = _bound_in(node.args, body, self.package)
        outside = {name: targets for name, targets in scope.items() if name not in freed}
        self._push(body, {**outside, **bound})

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
    ) -> None:
        first = node.generators[0].iter  # the only part that is evaluated outside
        targets = {
            name.id: ()
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        inside = {**scope, **targets}
        self._push([first], scope)
        for generator in node.generators:
            later = [] if generator.iter is first else [generator.iter]
            self._push([generator.target, *later, *generator.ifs], inside)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push(results, inside)


def _bound_in(
    arguments: ast.arguments, body: Iterable[ast.AST], package: str
) -> tuple[dict[str, tuple[Import, ...]], set[str]]:
    """The names that a function binds, with its imports; and those that it declares global."""
    taken = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    taken += [rest for rest in (arguments.vararg, arguments.kwarg) if rest]
    bound: dict[str, tuple[Import, ...]] = {argument.arg: () for argument in taken}
    freed: set[str] = set()
    waiting = [*body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, target in imports_of(node, package):
                bound[name] = (*bound.get(name, ()), target)
        elif isinstance(node, ast.Global):
            freed.update(node.names)
        for name in _binds(node):
            bound.setdefault(name, ())
        waiting.extend(_same_scope(node))
    return {name: targets for name, targets in bound.items() if name not in freed}, freed


def _binds(node: ast.AST) -> list[str]:
    """The local names that this one node binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ExceptHandler(name=str(name)):
            return [name]
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
    return []


def _same_scope(node: ast.AST) -> Iterable[ast.AST]:
    """The node's children whose names bind where the node's do."""
    if isinstance(node, _FUNCTIONS | ast.ClassDef):
        return ()
    if isinstance(node, ast.comprehension):
        return (node.iter, *node.ifs)
    return ast.iter_child_nodes(node)
