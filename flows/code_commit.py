"""The commit of the code at work, and which versions code from before a commit made."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadRecipe
from pipeline.lineage.descent import in_order
from pipeline.storage.log import Log
from schemas.run import Run

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index
    from pipeline.store import Store
    from schemas.artifact import ArtifactRef

CHECKOUT = Path(__file__).parents[1]
_DIRTY = "+"  # behind a commit: files were edited since


def code_commit() -> str:
    """The commit of this checkout, with a + where its files are others now; "" without one."""
    try:
        commit = _git("rev-parse", "HEAD")
        edited = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""  # installed without its history, or there is no git
    return commit + (_DIRTY if edited else "")


def made_before(index: Index, commit: str) -> dict[ArtifactRef, str]:
    """The versions that were made by code from before a commit.

    Raises:
        BadRecipe: this checkout knows no such commit.
    """
    try:
        limit, moment = _git("show", "-s", "--format=%H %ct", f"{commit}^{{commit}}", "--").split()
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        msg = (
            f"{commit!r} is no commit that the checkout of this code knows.\n"
            f"Name one of `git log`, and ask from a checkout with its history."
        )
        raise BadRecipe(msg) from error
    makers = _makers(index.store)
    before: dict[str, bool | None] = {}
    found = {}
    for ref in in_order(index.versions, index.versions):
        made = makers.get(ref, "").removesuffix(_DIRTY)
        if made and made not in before:
            before[made] = _is_before(made, limit)
        known = before.get(made)
        if known is None:
            known = index.made(ref) < float(moment)
            told = f"made before {commit} was written"
        else:
            told = f"made by {makers[ref][:10]}{_DIRTY if makers[ref].endswith(_DIRTY) else ''}"
        if known:
            found[ref] = told
    return found


def _makers(store: Store) -> dict[ArtifactRef, str]:
    """The commit whose code made each version, as far as runs say."""
    folders = {entry.path.rpartition("/")[0] for entry in store.files.entries("runs")}
    found: dict[ArtifactRef, str] = {}
    for folder in sorted(folders):
        log = Log(store.files, folder, Run)
        for run in map(log.get, log.numbers()):
            for stage in run.stages.values():
                if not stage.reused and run.code:
                    found.setdefault(stage.ref, run.code)
    return found


def _is_before(made: str, limit: str) -> bool | None:
    """Whether a commit lacks another; None where the checkout does not know it."""
    try:
        _git("cat-file", "-e", f"{made}^{{commit}}")
    except subprocess.SubprocessError:
        return None
    has = subprocess.run(
        ["git", "merge-base", "--is-ancestor", limit, made],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
        timeout=20,
    )
    return has.returncode == 1


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout.strip()
