"""Which versions were made by code from before a commit."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from flows.lineage.source_code import DIRTY, NO_GIT, git
from pipeline.errors import BadRecipe
from pipeline.lineage.descent import in_order
from pipeline.storage.log import Log
from schemas.run import Run

if TYPE_CHECKING:
    from pipeline.lineage.index.index import Index
    from pipeline.store import Store
    from schemas.artifact import ArtifactRef


def made_before(index: Index, commit: str) -> dict[ArtifactRef, str]:
    """The versions that were made by code from before a commit.

    Raises:
        BadRecipe: this checkout knows no such commit.
    """
    try:
        limit, moment = git("show", "-s", "--format=%H %ct", f"{commit}^{{commit}}", "--").split()
    except (*NO_GIT, ValueError) as error:
        msg = (
            f"{commit!r} is no commit that the checkout of this code knows.\n"
            f"Name one of `git log`, and ask from a checkout with its history."
        )
        raise BadRecipe(msg) from error
    makers = _makers(index.store)
    before: dict[str, bool | None] = {}
    found = {}
    for ref in in_order(index.versions, index.versions):
        made = makers.get(ref, "").removesuffix(DIRTY)
        if made and made not in before:
            before[made] = _is_before(made, limit)
        known = before.get(made)
        if known is None:
            known = index.made(ref) < float(moment)
            told = f"made before {commit} was written"
        else:
            told = f"made by {makers[ref][:10]}{DIRTY if makers[ref].endswith(DIRTY) else ''}"
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
        git("cat-file", "-e", f"{made}^{{commit}}")
    except subprocess.SubprocessError:
        return None
    try:
        git("merge-base", "--is-ancestor", limit, made)
    except subprocess.CalledProcessError as no:
        return no.returncode == 1
    return False
