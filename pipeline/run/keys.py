"""The key of what is asked: configuration, inputs, code and packages of a stage, put together."""

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.errors import BadStage
from pipeline.run.remembered_code import remembered
from pipeline.run.source_files import as_imported, note_imported
from pipeline.stage import Stage
from pipeline.versions.fingerprint import CodeFingerprint
from pipeline.versions.key import KeyParts
from schemas.artifact import FORMAT

CHECKOUT = Path(__file__).parents[2]
OUR_PACKAGES = ("schemas", "pipeline", "ray_jobs", "flows")

# Modules that only execute: they decide where, when and how safely, never what comes out.
EXECUTION_ONLY = (
    "flows",
    "pipeline.block",
    "pipeline.cache_folder",
    "pipeline.commit",
    "pipeline.errors",
    "pipeline.extract.child",
    "pipeline.extract.frames",
    "pipeline.extract.sandbox",
    "pipeline.extract.sandbox_child",
    "pipeline.kept_arrays",
    "pipeline.kept_files",
    "pipeline.lineage",
    "pipeline.run",
    "pipeline.side_by_side",
    "pipeline.stage",
    "pipeline.storage",
    "pipeline.store",
    "pipeline.versions",
    "pipeline.work",
    "ray_jobs.checkpoint",
    "ray_jobs.environment",
    "ray_jobs.job_process",
    "ray_jobs.launch",
    "ray_jobs.run_folder",
    "schemas.artifact",
    "schemas.record",
    "schemas.runtime",
)


def key_parts(
    stage: Stage, inputs: Mapping[str, Mapping[str, str]], extra: Mapping[str, Any]
) -> KeyParts:
    """Everything that decides a version.

    Args:
        stage: what is to be made.
        inputs: role -> digest name -> digest, only of what the stage reads.
        extra: what else decides: a window, the layout of a layout-bound input.
    """
    note_imported()
    code = _code_imported(stage.entries())
    return KeyParts(
        format=FORMAT,
        stage=stage.name(),
        config=stage.config(),
        inputs={role: dict(digests) for role, digests in inputs.items()},
        assets=stage.assets(),
        code=dict(code.definitions),
        packages=code.versions(),
        extra=dict(extra),
    )


def code_of(
    entries: tuple[str, ...], read: Callable[[Path], bytes] = Path.read_bytes
) -> CodeFingerprint:
    """The code behind some entries, as its files are now or as `read` gives them."""
    return remembered(entries, _roots(entries), EXECUTION_ONLY, read)


@lru_cache(maxsize=256)
def _code_imported(entries: tuple[str, ...]) -> CodeFingerprint:
    """The code that this process runs, whatever was edited since."""
    return code_of(entries, as_imported)


def _roots(entries: tuple[str, ...]) -> dict[str, Path]:
    roots = {name: CHECKOUT / name for name in OUR_PACKAGES}
    for entry in entries:
        package = entry.partition(":")[0].partition(".")[0]
        if package not in roots:
            roots[package] = _folder(package)
    return roots


def _folder(package: str) -> Path:
    """Where a user's own blocks lie."""
    module = sys.modules.get(package)
    spec = module.__spec__ if module else find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        msg = f"the block package {package!r} has no folder, so its code cannot be fingerprinted"
        raise BadStage(msg)
    return Path(places[0])
