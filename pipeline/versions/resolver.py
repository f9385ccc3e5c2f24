"""What a name in one of our modules stands for: code of ours, or somebody else's package."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from pipeline.versions.definition import Definition
from pipeline.versions.errors import UnknownDefinition
from pipeline.versions.mentions import Import
from pipeline.versions.module import Module
from pipeline.versions.sources import Sources

_Seen: TypeAlias = frozenset[tuple[str, str]]


class Place(NamedTuple):
    """A definition and its module."""

    module: Module
    definition: Definition

    @property
    def name(self) -> str:
        """`package.module:QualName`."""
        return f"{self.module.name}:{self.definition.name}"


# What a mention leads to: code of ours, or the dotted name of somebody else's.
Target: TypeAlias = Place | str


class Resolver:
    """Follows names through top-level bindings, imports and re-exports."""

    def __init__(self, sources: Sources, execution_only: Sequence[str]) -> None:
        """`execution_only`: modules, with all below them, to which no name leads."""
        self._sources = sources
        self._execution_only = tuple(execution_only)

    def targets(self, module: Module, path: Sequence[str]) -> list[Target]:
        """What a chain that starts at a global name of `module` leads to; nothing for builtins."""
        return self._inside(module, path, frozenset())

    def from_outside(self, module: str, path: Sequence[str]) -> list[Target]:
        """What a chain leads to that starts at the module of that name, or at one below it."""
        return self._below(module, path, frozenset()) if self._sources.owns(module) else []

    def imported(
        self, imported: Import, chain: Sequence[str], *, needed_by: str, seen: _Seen = frozenset()
    ) -> list[Target]:
        """What an imported name and the attributes taken from it lead to.

        Raises:
            UnknownDefinition: it should be ours, but no file has it.
        """
        module, name = imported
        if not self._sources.owns(module):
            return [f"{module}.{name}" if name else module]
        if self._left_out(module):
            return []
        path = (name, *chain) if name else chain
        targets = self._below(module, path, seen)
        if not targets and not self._is_known(imported):
            raise UnknownDefinition(".".join(filter(None, imported)), needed_by=needed_by)
        return targets

    def _is_known(self, imported: Import) -> bool:
        """Whether the import leads somewhere, be it to code that is left out."""
        name, module = imported.name, self._sources.module(imported.module)
        if module is None or name is None:
            return module is not None
        if name in module.definitions or name in module.imports or name.startswith("__"):
            return True
        return self._sources.module(f"{imported.module}.{name}") is not None

    def _below(self, name: str, path: Sequence[str], seen: _Seen) -> list[Target]:
        module = None if self._left_out(name) else self._sources.module(name)
        if module is None:
            return []
        if not path:  # the module itself is passed around: any of it may be used
            bare_names = (*module.definitions, *module.imports)
            return [one for bare in bare_names for one in self._inside(module, (bare,), seen)]
        targets = self._inside(module, path, seen)
        if targets or path[0] in module.definitions:
            return targets
        return self._below(f"{name}.{path[0]}", path[1:], seen)

    def _inside(self, module: Module, path: Sequence[str], seen: _Seen) -> list[Target]:
        bare, *chain = path
        step = (module.name, bare)
        if step in seen:  # `from . import words` in a package that has words.py
            return []
        targets: list[Target] = []
        if bare in module.definitions:
            targets.append(Place(module, module.definitions[bare]))
        for one in module.imports.get(bare, ()):
            targets += self.imported(one, chain, needed_by=module.name, seen=seen | {step})
        return targets

    def _left_out(self, module: str) -> bool:
        return any(module == one or module.startswith(f"{one}.") for one in self._execution_only)
