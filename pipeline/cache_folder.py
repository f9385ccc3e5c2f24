"""Where this user keeps what can be made again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Our folder in the user's cache, by the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "penstock"


def kernel_folders() -> Path:
    """The folder with a folder of compiled kernels for each state of their code."""
    return cache_folder() / "numba"
