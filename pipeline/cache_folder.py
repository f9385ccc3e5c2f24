"""Where this user keeps what can be made again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Our folder in the user's cache, by the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "penstock"
