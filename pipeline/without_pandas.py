"""Arrow without pandas: it would load it, a third of a second, to see whether a list is a Series.

Arrow looks for pandas once, when it is first given something that is no array of numpy's. A process
that runs nothing but our own code, in which nothing is a Series, is told at its start that there is
none. Where code of a user's runs this would be wrong: a missing value in a Series would be another.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    """Finds every module where it is, and pandas nowhere."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """None: ask the next finder.

        Raises:
            ModuleNotFoundError: the module is pandas.
        """
        if fullname == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def use_arrow_without_pandas() -> None:
    """Let Arrow look for pandas now, and find none; nothing changes where pandas is loaded."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
