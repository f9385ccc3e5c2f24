"""The terminal that commands write to; a pipe or a file is a wide one, so that nothing is cut."""

from __future__ import annotations

from rich.console import Console

WIDE = 240  # characters, where nobody looks


def console() -> Console:
    """Standard output, as wide as it is."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDE)
