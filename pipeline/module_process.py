"""A module of ours in a process of its own, which whoever starts it feeds, hears and ends."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.ctrl_c import deaf_to_ctrl_c


def start_module(module: str, told: Mapping[str, str], **pipes: Any) -> subprocess.Popen[bytes]:
    """Run a module as this process would find it; it does not hear Ctrl-C.

    Spawned, never forked: it inherits nothing but its pipes, those of stdin and stdout at least.

    Args:
        module: its name.
        told: what its environment holds beside ours.
        pipes: further ones, and their buffers, as `subprocess.Popen` takes them.
    """
    path = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
    process = None
    try:
        with deaf_to_ctrl_c():
            process = subprocess.Popen(
                (sys.executable, "-P", "-m", module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path, **told},
                **pipes,
            )
    except BaseException:  # a Ctrl-C that came meanwhile: nobody else has the process yet
        if process:
            process.kill()
        raise
    return process
