"""Fingerprints of code, remembered from run to run.

Following a stage's code takes a tenth of a second and more, of each stage in each process, and a
run has a dozen. What comes out depends on the modules that were asked for, on the code that asks,
and on Python: while all of these say the same, so does the fingerprint.
"""

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.cache_folder import cache_folder
from pipeline.kept_files import read_kept, write_kept
from pipeline.versions.canonical import canonical_json
from pipeline.versions.fingerprint import CodeFingerprint, follow
from pipeline.versions.sources import Sources
from schemas.record import Record

ANALYSIS = Path(__file__).parents[1] / "versions"
MOST_FILES = 1024  # of some kilobytes


def _analysis() -> str:
    """The code that follows code and keeps what it found, and Python with its own packages."""
    state = hashlib.sha256(sys.version.encode())
    for path in (Path(__file__), *sorted(ANALYSIS.glob("*.py"))):
        state.update(path.read_bytes())
    return state.hexdigest()


FOLLOWED_BY = _analysis()  # as it is imported here, whatever is edited later


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
    asked = canonical_json([FOLLOWED_BY, [*entries], places, [*execution_only]])
    path = cache_folder() / "code" / hashlib.sha256(asked).hexdigest()
    content = read_kept(path)
    if content is not None:
        known = _Remembered.model_validate_json(content)
        if all(sources.state(name) == state for name, state in known.modules.items()):
            return known.code
    code = follow(entries, sources, execution_only)
    told = _Remembered(modules=sources.states(), code=code).model_dump_json()
    write_kept(path, told.encode(), most=MOST_FILES)
    return code
