"""Fingerprints of code, remembered from run to run.

Following a stage's code takes a tenth of a second and more, of each stage in each process, and a
run has a dozen. What comes out depends on the modules that were asked for, on the code that asks,
and on Python: while all of these say the same, so does the fingerprint.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from pipeline.cache_folder import cache_folder
from pipeline.versions.canonical import canonical_json
from pipeline.versions.fingerprint import CodeFingerprint, follow
from pipeline.versions.sources import Sources
from schemas.record import Record

ANALYSIS = Path(__file__).parents[1] / "versions"


class _Remembered(Record):
    """A fingerprint, and the modules that it is of: name -> `Sources.state`."""

    modules: dict[str, str]
    code: CodeFingerprint


def remembered(
    entries: Sequence[str],
    roots: Mapping[str, Path],
    execution_only: Sequence[str],
    read: Callable[[Path], bytes],
) -> CodeFingerprint:
    """What `fingerprint` says of some entries; from the user's cache where nothing has changed.

    Args:
        entries: see `fingerprint`.
        roots: the folder of each of our top-level packages, `{"pipeline": Path("pipeline")}`.
        execution_only: see `fingerprint`.
        read: gives the content of a source file, as it is now or as it was.

    Raises:
        VersionError: see `fingerprint`.
    """
    sources = Sources(roots, read)
    places = {name: str(root) for name, root in roots.items()}
    asked = canonical_json([_analysis(), [*entries], places, [*execution_only]])
    path = cache_folder() / "code" / f"{hashlib.sha256(asked).hexdigest()}.json"
    with suppress(OSError, ValidationError):  # nothing there, or nothing that can be read
        known = _Remembered.model_validate_json(path.read_bytes())
        if all(sources.state(name) == state for name, state in known.modules.items()):
            return known.code
    code = follow(entries, sources, execution_only)
    with suppress(OSError):  # where nothing can be kept, it is found out each time
        _keep(path, _Remembered(modules=sources.states(), code=code))
    return code


def _keep(path: Path, known: _Remembered) -> None:
    """Put it down whole: others may read it at the same time, or write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(known.model_dump_json(), encoding="utf-8")
    part.replace(path)


@cache
def _analysis() -> str:
    """The code that follows code, and the Python whose packages are standard."""
    state = hashlib.sha256(sys.version.encode())
    for path in sorted(ANALYSIS.glob("*.py")):
        state.update(path.read_bytes())
    return state.hexdigest()
