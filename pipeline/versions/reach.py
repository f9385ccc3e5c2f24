"""Follows a stage's code through our packages: which definitions can its result depend on?

What is followed: names and chains of attributes, through top-level bindings and imports of any
form. What is not: code found by a string at run time, and methods of objects that come from
elsewhere; so the caller names the configured blocks as entries of their own.
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from pipeline.versions.definition import ClassDefinition, Definition
from pipeline.versions.errors import UnknownDefinition
from pipeline.versions.mentions import mentions
from pipeline.versions.module import Module
from pipeline.versions.packages import UNICODE_METHODS, is_standard
from pipeline.versions.resolver import Place, Resolver, Target
from pipeline.versions.sources import Sources

# With these a class reads all its fields without naming one.
_ALL_FIELDS = frozenset({"model_dump", "model_dump_json", "model_fields", "__dict__", "vars"})


class Reach:
    """All that was reached so far.

    Attributes:
        definitions: the digest of each reached definition, 16 hex digits.
        packages: top-level names of the third-party packages that reached code uses.
        tables: tables of the standard library that change between Pythons: `unicodedata`.
    """

    def __init__(self, sources: Sources, execution_only: Sequence[str]) -> None:
        """`execution_only`: the modules, by prefix, that change no result."""
        self.definitions: dict[str, str] = {}
        self.packages: set[str] = set()
        self.tables: set[str] = set()
        self._names = Resolver(sources, execution_only)
        self._attributes: set[str] = set()
        self._lazy: dict[str, list[Place]] = defaultdict(list)  # by the attribute they wait for
        self._todo: list[Place] = []
        self._seen: set[str] = set()
        self._whole: set[str] = set()

    def enter(self, entry: str) -> None:
        """Reach what `package.module:QualName` names: a class, function, method or constant.

        Raises:
            UnknownDefinition: there is no such definition.
        """
        module, _, qualified = entry.partition(":")
        first, *rest = qualified.split(".")
        unknown = UnknownDefinition(entry, needed_by="the list of entries")
        places = [
            one for one in self._names.from_outside(module, (first,)) if isinstance(one, Place)
        ]
        if not places:
            raise unknown
        for place in places:
            self._reach(place, whole=not rest)
        self._note_attributes(rest)
        self._settle()
        if rest and not any(name.endswith(f".{rest[-1]}") for name in self.definitions):
            raise unknown

    def _settle(self) -> None:
        while self._todo:
            place = self._todo.pop()
            self._visit(place)

    def _reach(self, place: Place, *, whole: bool = True) -> None:
        """Mark for visiting; of a class that is not reached whole, members only when mentioned."""
        definition = place.definition
        if place.name not in self._seen:
            self._seen.add(place.name)
            self._todo.append(place)
            if isinstance(definition, ClassDefinition):
                self._wait(place.module, definition.fields)
                self._wait(place.module, definition.methods)
                for member in definition.unasked:
                    self._reach(Place(place.module, member))
        if isinstance(definition, ClassDefinition) and whole and place.name not in self._whole:
            self._whole.add(place.name)
            for member in definition.members.values():
                self._reach(Place(place.module, member))
            if any(_reads_all_fields(member) for member in definition.members.values()):
                for one in definition.fields.values():
                    self._reach(Place(place.module, one))

    def _wait(self, module: Module, members: Mapping[str, Definition]) -> None:
        for bare, definition in members.items():
            if bare in self._attributes:
                self._reach(Place(module, definition))
            else:
                self._lazy[bare].append(Place(module, definition))

    def _note_attributes(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._attributes:
                self._attributes.add(name)
                for place in self._lazy.pop(name, ()):
                    self._reach(place)

    def _visit(self, place: Place) -> None:
        module, definition = place
        found = definition.mentions
        links: set[str] = set()
        for path in found.names:
            for target in self._names.targets(module, path):
                links.add(self._follow(target, named=path[0]))
        for imported, chain in found.imports:
            for target in self._names.imported(imported, chain, needed_by=place.name):
                links.add(self._follow(target, named=str(imported.name or imported.module)))
        if found.attributes & UNICODE_METHODS:
            self.tables.add("unicodedata")
        self._note_attributes(found.attributes)
        if definition.annotation:
            self._annotation(module, definition.annotation, set())
        if definition.parts or isinstance(definition, ClassDefinition):
            text = "\n".join([definition.syntax, *sorted(links)])
            self.definitions[place.name] = hashlib.sha256(text.encode()).hexdigest()[:16]

    def _follow(self, target: Target, *, named: str) -> str:
        """Reach the target; says what the name stands for, which is part of the mentioner."""
        if isinstance(target, Place):
            self._reach(target)
            return f"{named}={target.name}"
        top = target.partition(".")[0]
        if top == "unicodedata":
            self.tables.add(top)
        if not is_standard(top):
            self.packages.add(top)
        return f"{named}={target}"

    def _annotation(self, module: Module, annotation: ast.expr, seen: set[str]) -> None:
        """Reach the classes in a used field's type: their fields' defaults may be used as well."""
        for path in mentions([annotation, *_written_types(annotation)], module.name).names:
            for target in self._names.targets(module, path):
                if isinstance(target, str) or target.name in seen:
                    continue
                seen.add(target.name)
                if isinstance(target.definition, ClassDefinition):
                    self._reach(target, whole=False)
                else:
                    for alias in _alias_values(target.definition):
                        self._annotation(target.module, alias, seen)


def _written_types(annotation: ast.expr) -> Iterator[ast.expr]:
    """The types that stand in quotes."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            with suppress(SyntaxError, ValueError):  # other text: Literal["plain text"]
                yield ast.parse(node.value, mode="eval").body


def _alias_values(definition: Definition) -> Iterator[ast.expr]:
    """What a name for a type stands for: `Rules = tuple[Rule, ...]`."""
    for part in definition.parts:
        value = getattr(part, "value", None)
        if isinstance(value, ast.expr):
            yield value


def _reads_all_fields(definition: Definition) -> bool:
    found = definition.mentions
    return bool(_ALL_FIELDS & (found.attributes | {path[0] for path in found.names}))
