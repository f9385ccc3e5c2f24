"""Why a version cannot be named. Apart from `pipeline.errors`: this package stands alone.

VersionError
  Unstable            a value has no one stable form, so it cannot enter a key or a digest
  StarImport          a file of ours imports `*`, so nobody can tell what it reaches
  UnknownDefinition   an entry or an import names a definition that no file has
  UnreadableSource    a file of ours cannot be read as Python
"""

import reprlib


class VersionError(Exception):
    """Base of all errors about naming a version."""


class Unstable(VersionError, ValueError):
    """A value has no one stable form.

    Attributes:
        where: the path of the value, like `rules[2].words`; empty for the value itself.
        value: the value.
    """

    def __init__(self, where: str, value: object) -> None:
        self.where, self.value = where, value
        super().__init__(
            f"{where or 'the value'} is {reprlib.repr(value)} ({type(value).__name__}), which has "
            f"no one stable form, so no version can hold it.\n"
            f"Use None, a bool, an int, a finite float, a str, a list, or a dict with str keys; "
            f"a tuple in sorted order instead of a set, a str instead of a path or a date."
        )

    def __reduce__(self) -> tuple[type["Unstable"], tuple[str, object]]:
        return type(self), (self.where, self.value)


class StarImport(VersionError):
    """A file of ours imports `*`."""

    def __init__(self, path: object, line: int) -> None:
        super().__init__(
            f"{path}, line {line}: `import *` hides which definitions the file reaches, so a "
            f"change in them could go unseen.\nImport the names that the file uses."
        )


class UnknownDefinition(VersionError, LookupError):
    """An entry or an import names a definition that no file has."""

    def __init__(self, name: str, *, needed_by: str) -> None:
        super().__init__(
            f"{needed_by} needs {name}, but no source file defines it.\n"
            f"Correct the name, or define it at the top level of its module."
        )


class UnreadableSource(VersionError):
    """A file of ours cannot be read as Python."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(
            f"{path} cannot be read as Python: {reason}.\n"
            f"Repair the file; its code is part of the version."
        )
