"""pandas, which pyarrow looks for at the first list that it makes an array of: left where it is.

Its import is a tenth of what a short run takes, and nothing here reads from it. It is there because
Ray needs it.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

PANDAS = "pandas"


class _Hidden(MetaPathFinder):
    """Says that pandas is not there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        if fullname == PANDAS:
            raise ModuleNotFoundError(f"{PANDAS} is left aside", name=PANDAS)


def leave_pandas_aside() -> None:
    """Let pyarrow look for pandas now and find none; first of all in a process.

    It imports pandas all the same once it is asked for what only pandas can do: a data frame.
    """
    import pyarrow as pa  # a tenth of a second, which `penstock --help` does not need

    if PANDAS in sys.modules:
        return
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(hidden)
