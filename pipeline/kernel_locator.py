"""Where the machine code of one kernel lies: in the folder of today's kernels, by its own place.

numba's locators go by the absolute path of a file, so that a second checkout, or a container that
mounts the first one elsewhere, would compile the same kernels again. What a kernel is made of
decides the folder already (pipeline/run/numba_cache.py); within it a path from the root will do.
"""

from pathlib import Path
from typing import Any, cast

from numba import config
from numba.core.caching import UserProvidedCacheLocator

from pipeline.cache_folder import kernel_folders

ROOT = Path(__file__).resolve().parents[1]


class KernelLocator(UserProvidedCacheLocator):
    """Finds the folder of a file of ours, which has the same name in every checkout."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """The file's package, `pipeline.shard`.

        What numba makes of a file of somebody else, and in a folder that is not one state's: there
        the kernels of two checkouts that differ would take each other's names.
        """
        path, folder = Path(py_file).resolve(), Path(cast("Any", config).CACHE_DIR)
        if not path.is_relative_to(ROOT / "pipeline") or folder.parent != kernel_folders():
            return str(UserProvidedCacheLocator.get_suitable_cache_subpath(py_file))  # type: ignore[no-untyped-call]
        return ".".join(path.parent.relative_to(ROOT).parts)
