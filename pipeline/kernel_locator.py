"""Where the machine code of one kernel lies: in the folder of today's kernels, by its own place.

numba's locators go by the absolute path of a file, so that a second checkout, or a container that
mounts the first one elsewhere, would compile the same kernels again. What a kernel is made of
decides the folder already (pipeline/run/numba_cache.py); within it a path from the root will do.
"""

from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

ROOT = Path(__file__).parents[1]


class KernelLocator(UserProvidedCacheLocator):
    """Finds the folder of a file of ours, which has the same name in every checkout."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """The file's package, `pipeline.shard`; of a file of somebody else what numba makes."""
        path = Path(py_file).resolve()
        if not path.is_relative_to(ROOT / "pipeline"):
            return str(UserProvidedCacheLocator.get_suitable_cache_subpath(py_file))  # type: ignore[no-untyped-call]
        return ".".join(path.parent.relative_to(ROOT).parts)
