"""The source files of our packages: found by dotted name, read without being run."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.versions.errors import StarImport, UnreadableSource
from pipeline.versions.module import Module, read_module

PACKAGE, MODULE = "package", "module"
FOLDER, NOTHING = "folder", "nothing"  # without __init__; of that name

# Kept by content, never by time of change: an edit within one tick of the clock would go unseen.
_read = lru_cache(maxsize=4096)(read_module)


class Sources:
    """Our packages' modules; each file is read once in the life of this object."""

    def __init__(
        self, roots: Mapping[str, Path], read: Callable[[Path], bytes] = Path.read_bytes
    ) -> None:
        """`roots`: by its name, each top-level package's folder, or a module's file."""
        self._roots, self._content = dict(roots), read
        self._modules: dict[str, Module | None] = {}
        self._states: dict[str, str] = {}

    def owns(self, module: str) -> bool:
        """Whether the dotted name lies in one of our packages."""
        return module.partition(".")[0] in self._roots

    def module(self, name: str) -> Module | None:
        """The module of that dotted name, or None where no file or folder has it.

        Raises:
            UnreadableSource: its file is not Python, or newer Python than this one.
            StarImport: its file imports `*`.
        """
        if name not in self._modules:
            self._modules[name] = self._load(name)
        return self._modules[name]

    def states(self) -> dict[str, str]:
        """What `state` said of each module that was asked for, as it was read then."""
        return dict(sorted(self._states.items()))

    def state(self, name: str) -> str:
        """What kind of thing has that dotted name, and a hash of what it says: `module 5f3c...`."""
        file, kind = self._find(name)
        return _state(kind, self._content(file)) if file else kind

    def _load(self, name: str) -> Module | None:
        file, kind = self._find(name)
        if file:
            content = self._content(file)
            self._states[name] = _state(kind, content)
            return _module(name, file, content, is_package=kind == PACKAGE)
        self._states[name] = kind
        return Module(name, {}, {}) if kind == FOLDER else None

    def _find(self, name: str) -> tuple[Path | None, str]:
        """The file of a module, and what it is."""
        top, *rest = name.split(".")
        folder = self._roots[top].joinpath(*rest)
        package = folder / "__init__.py"
        if package.is_file():
            return package, PACKAGE
        file = folder.with_name(f"{folder.name}.py") if rest else folder
        if file.is_file():
            return file, MODULE
        return None, FOLDER if folder.is_dir() else NOTHING


def _state(kind: str, content: bytes) -> str:
    return f"{kind} {hashlib.sha256(content).hexdigest()}"


def _module(name: str, path: Path, content: bytes, *, is_package: bool) -> Module:
    try:
        module = _read(name, content, is_package=is_package)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnreadableSource(path, str(error)) from error
    if module.star_line:
        raise StarImport(path, module.star_line)
    return module
