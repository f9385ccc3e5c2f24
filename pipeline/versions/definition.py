"""What a plan can name: functions, methods, constants, fields, and the frames of classes."""

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.versions.mentions import Mentions, mentions
from pipeline.versions.statements import Guarded, bound_names
from pipeline.versions.syntax import Part, syntax_digest

_DEFAULT_CALLS = {"Field", "field", "PrivateAttr"}


@dataclass(eq=False)
class Definition:
    """A function, method, constant, field, or the frame of a class: what a plan can name.

    Attributes:
        name: its qualified name in the module, `WordCount.reasons`.
        parts: the syntax that its digest covers; none for a field without a default.
        package: where its relative imports start.
        siblings: for code that runs in a class body, the fields it may mention by bare name.
        annotation: for a field, its type, which may lead to other classes' fields.
    """

    name: str
    parts: tuple[Part, ...]
    package: str
    siblings: frozenset[str] = frozenset()
    annotation: ast.expr | None = None

    @cached_property
    def syntax(self) -> str:
        """The digest of the syntax alone."""
        return syntax_digest(self.parts)

    @cached_property
    def mentions(self) -> Mentions:
        """What the definition mentions."""
        found = mentions(self.parts, self.package)
        bare = {path[0] for path in found.names} & self.siblings
        return Mentions(found.names, found.imports, found.attributes | bare)


@dataclass(eq=False)
class ClassDefinition(Definition):
    """The frame of a class: decorators, bases, and what stands loose in its body.

    Attributes:
        members: methods, plain assignments and inner classes, by their bare names.
        fields: annotated assignments, by their bare names.
    """

    members: dict[str, Definition] = field(default_factory=dict)
    fields: dict[str, Definition] = field(default_factory=dict)

    @cached_property
    def methods(self) -> dict[str, Definition]:
        """The members that run only when somebody calls them by name."""
        return {bare: one for bare, one in self.members.items() if _waits(bare, one)}

    @cached_property
    def unasked(self) -> tuple[Definition, ...]:
        """The other members: constants, `__init__` and its like, validators."""
        return tuple(one for bare, one in self.members.items() if bare not in self.methods)


def define(name: str, statements: list[Guarded], package: str) -> Definition:
    """What all the statements together define that give `name` a value."""
    classes = [node for _, node in statements if isinstance(node, ast.ClassDef)]
    loose: list[Part] = []
    for guards, node in statements:
        loose += guards if isinstance(node, ast.ClassDef) else (*guards, node)
    if classes:
        return _class(name, classes, loose, package)
    return Definition(name, tuple(loose), package)


def _class(
    name: str, nodes: list[ast.ClassDef], loose: list[Part], package: str
) -> ClassDefinition:
    """A class, from all the places that may define it."""
    members: dict[str, list[Guarded]] = defaultdict(list)
    annotated: dict[str, ast.AnnAssign] = {}
    for node in nodes:
        loose += ["class", *node.decorator_list, *node.bases, *node.keywords]
        by_position = _by_position(node)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if by_position:
                    loose += ["field", statement.target.id, *_default(statement.value)]
                else:
                    annotated[statement.target.id] = statement
                continue
            bare_names = bound_names(statement)
            for bare in bare_names:
                members[bare].append(((), statement))
            loose += [] if bare_names else [statement]
    siblings = frozenset(annotated)
    made = ClassDefinition(name, (*loose,), package, siblings)
    for bare, given in members.items():
        made.members[bare] = member = define(f"{name}.{bare}", given, package)
        member.siblings |= siblings
    for bare, given_once in annotated.items():
        made.fields[bare] = Definition(
            f"{name}.{bare}",
            _default(given_once.value),
            package,
            siblings,
            annotation=given_once.annotation,
        )
    return made


def _waits(bare: str, member: Definition) -> bool:
    functions = [
        part for part in member.parts if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    decorators = [one for function in functions for one in function.decorator_list]
    names = [_last_name(one.func if isinstance(one, ast.Call) else one) for one in decorators]
    return bool(functions) and not bare.startswith("__") and "validator" not in "".join(names)


def _by_position(node: ast.ClassDef) -> bool:
    """A dataclass or named tuple, whose fields are used by their order too: all of them count."""
    named = [*node.bases, *node.decorator_list]
    words = {word.id for one in named for word in ast.walk(one) if isinstance(word, ast.Name)}
    words |= {
        word.attr for one in named for word in ast.walk(one) if isinstance(word, ast.Attribute)
    }
    return bool(words & {"dataclass", "NamedTuple"})


def _default(value: ast.expr | None) -> tuple[Part, ...]:
    """A field's default; of `Field(default=50, description=...)` the default only."""
    if value is None:
        return ()
    if not isinstance(value, ast.Call) or _last_name(value.func) not in _DEFAULT_CALLS:
        return (value,)
    if any(keyword.arg is None for keyword in value.keywords):
        return (value,)  # Field(**settings): the default may be among them
    parts: list[Part] = [one for one in value.args[:1] if not _is_ellipsis(one)]
    for keyword in value.keywords:
        if keyword.arg == "default" and not _is_ellipsis(keyword.value):
            parts.append(keyword.value)
        elif keyword.arg == "default_factory":
            parts += ["default_factory", keyword.value]
    return tuple(parts)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
