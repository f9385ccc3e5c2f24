"""Blocks: the parts that a recipe names, found by the name of their file."""

import difflib
import importlib
import inspect
import pkgutil
from importlib.util import find_spec
from typing import Any, ClassVar, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer

from pipeline.errors import BadRecipe, UnknownBlock
from schemas.record import Record


class Block(Record):
    """A block is its own configuration: a frozen model with one working method.

    In a recipe a block is a table with the key `kind`, the name of the block's file:
    `{kind = "word_count", fewest = 60}`; a bare string is a block with its defaults.
    A kind with a dot is a module of the user's own: `my_team.rules.no_tables`.
    """

    home: ClassVar[str]  # the package whose files are the known blocks

    @classmethod
    def kind(cls) -> str:
        """The block's name in a recipe."""
        return cls.__module__.removeprefix(cls.home + ".")

    @classmethod
    def parse(cls, value: Any) -> Any:
        """Turn `{"kind": "word_count", ...}` into the block; leave a block as it is."""
        if isinstance(value, str):
            value = {"kind": value}
        if not isinstance(value, dict):
            return value
        if "kind" not in value:
            msg = f'{value} has no kind: say which {cls.__name__.lower()} it is, kind = "...".'
            raise BadRecipe(msg)
        settings = {key: setting for key, setting in value.items() if key != "kind"}
        return cls.named(value["kind"]).model_validate(settings)

    @classmethod
    def known(cls) -> list[str]:
        """The kinds that have a file in the blocks' home, where their base may lie as well."""
        folder = importlib.import_module(cls.home).__path__
        names = sorted(module.name for module in pkgutil.iter_modules(folder))
        return [name for name in names if f"{cls.home}.{name}" != cls._base_module()]

    @classmethod
    def named(cls, kind: str) -> type[Self]:
        """The class in the file of that name."""
        inside = f"{cls.home}.{kind}"
        path = inside if "." not in kind and find_spec(inside) else kind
        if "." not in path or path == cls._base_module() or not _is_there(path):
            known = cls.known()
            nearest = difflib.get_close_matches(kind, known, 1)
            raise UnknownBlock(
                kind, known=known, home=cls.home, nearest=nearest[0] if nearest else None
            )
        found = [
            each
            for each in vars(importlib.import_module(path)).values()
            if isinstance(each, type) and each.__module__ == path and issubclass(each, cls)
        ]
        if len(found) != 1:
            msg = f"{path} holds {len(found)} classes of {cls.__name__}; a block's file holds one."
            raise BadRecipe(msg)
        return found[0]

    @classmethod
    def _base_module(cls) -> str:
        return next(each.__module__ for each in cls.__mro__ if "home" in vars(each))

    @classmethod
    def documentation(cls) -> str:
        """What it does, in the words of its docstring."""
        return inspect.getdoc(cls) or ""

    @model_serializer(mode="wrap")
    def _dump_with_kind(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": self.kind(), **dump(self)}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # nor is a package that it would lie in
        return False
