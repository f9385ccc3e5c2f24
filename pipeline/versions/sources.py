"""The source files of our packages: found by dotted name, read without being run."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.versions.errors import StarImport, UnreadableSource
from pipeline.versions.module import Module, read_module

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

    def _load(self, name: str) -> Module | None:
        top, *rest = name.split(".")
        folder = self._roots[top].joinpath(*rest)
        package = folder / "__init__.py"
        if package.is_file():
            return _module(name, package, self._content(package), is_package=True)
        file = folder.with_name(f"{folder.name}.py") if rest else folder
        if file.is_file():
            return _module(name, file, self._content(file), is_package=False)
        return Module(name, {}, {}) if folder.is_dir() else None  # a folder without __init__


def _module(name: str, path: Path, content: bytes, *, is_package: bool) -> Module:
    try:
        module = _read(name, content, is_package=is_package)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnreadableSource(path, str(error)) from error
    if module.star_line:
        raise StarImport(path, module.star_line)
    return module
