"""Where numba keeps compiled kernels: a folder per state of our code.

Numba's cache notices a changed file, but not a changed function that the file calls elsewhere, and
would serve stale machine code.
"""

import hashlib
import os
from pathlib import Path

from pipeline.run.keys import CHECKOUT


def use_numba_cache() -> None:
    """Point numba at the folder of today's kernels; before numba is imported."""
    sources = sorted((CHECKOUT / "pipeline").rglob("*.py"))
    state = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ["NUMBA_CACHE_DIR"] = str(home / "penstock" / "numba" / state)
