"""A version's files for use outside the store: linked for a job, or copied under plain names."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from flows.subject import is_recipe, versions_of
from pipeline.errors import DamagedFile, MissingArtifact, StoreError, StoreUnreachable
from pipeline.lineage.places import receipts_of
from pipeline.store import Store
from ray_jobs.stages import MODEL_FILES
from schemas.artifact import Manifest, Receipt, StoredFile, Table

ORIGIN = "penstock.json"  # the manifest: what the files are a version of
LEDGER = "ledger"  # who left; it is not part of what was made
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def version_of(given: argparse.Namespace, subject: str, *, stage: str) -> tuple[Store, Manifest]:
    """The store, and a version in it.

    Args:
        given: the command line, with `--store`.
        subject: a version's name, or a recipe.
        stage: whose version to take where `subject` is a recipe: that of its present corpus, or
            the last that there was.

    Raises:
        MissingArtifact: there is none.
    """
    from flows.options import store_of
    from flows.recipe import read_recipe
    from pipeline.run.history import History
    from pipeline.storage.references import References

    if not is_recipe(subject):
        store = store_of(given)
        return store, store.open(References(store).resolve(subject))
    store, versions = versions_of(given, subject)
    manifest = versions.get(stage)
    if manifest is None:  # the present corpus has not come so far
        manifest = History(store, read_recipe(Path(subject)).name).previous(stage)
        if manifest is not None:
            said = f"{manifest.ref} is an earlier run's: the recipe would make a new one by now."
            print(said, file=sys.stderr)
    if manifest is None:
        what = f"A version of {stage} that {subject} made"
        raise MissingArtifact(what, where=store.uri)
    return store, manifest


def model_folder(store: Store, model: Manifest, scratch: Path) -> Path:
    """A folder in `scratch` in which a model's files have their names."""
    folder = scratch / "model"
    folder.mkdir()
    for name in MODEL_FILES:
        stored = store.stored_file(model, name)
        try:
            (folder / name).symlink_to(store.local(stored, scratch))
        except FileNotFoundError as error:
            raise DamagedFile(stored.path, stage=model.stage, problem="it is gone") from error
    return folder


class Outside(NamedTuple):
    """A file of a version, and its name outside the store."""

    stored: StoredFile
    name: str
    stage: str
    standing: Table | None = None  # whose rows lie in two files; outside they are in one


def outside(store: Store, manifest: Manifest) -> Iterator[Outside]:
    """Every file of a version but its ledger, each under a name of its own.

    The only table of a version lies in Parquet files called as its shards; of several tables each
    has a folder. Files beside tables keep their names, in a folder for each shard where there are
    more shards than one.
    """
    receipts = list(receipts_of(store, manifest))
    tables = {t.name for _, receipt in receipts for t in receipt.tables} - {LEDGER}
    for shard, receipt in receipts:
        for table in receipt.tables:
            if table.name != LEDGER:
                folder = f"{safe(table.name)}/" if len(tables) > 1 else ""
                name, standing = f"{folder}{safe(shard)}.parquet", table if table.base else None
                yield Outside(table.file, name, receipt.stage, standing)
        yield from _beside(receipt, f"{safe(shard)}/" if len(receipts) > 1 else "")


def _beside(receipt: Receipt, folder: str) -> Iterator[Outside]:
    for file in receipt.files:
        yield Outside(file, folder + safe(file.name), receipt.stage)


def safe(name: str) -> str:
    """A name that stays in its folder: letters, digits, and `._-`; it never begins with a dot."""
    plain = "".join(letter if letter in _PLAIN else "_" for letter in name)
    return plain if plain.strip("._") and not plain.startswith(".") else f"_{plain}"


def copy_out(
    store: Store, manifest: Manifest, folder: Path, copied: Callable[[str, int], None]
) -> None:
    """Copy a version's files into a new or empty folder, and check each by its SHA-256.

    A table that stands on an earlier one is written out as one file.

    Args:
        store: where the version is.
        manifest: the version.
        folder: where the files go.
        copied: gets each file's name and bytes.

    Raises:
        StoreError: the folder holds something.
        DamagedFile: a file is gone, or not what was written; its copy is removed.
        StoreUnreachable: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            msg = f"{folder} is not empty: name a new folder, so that nothing there is overwritten."
            raise StoreError(msg)
        for file in outside(store, manifest):
            target = folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.standing:
                store.tables.write_whole(file.standing, target)
            else:
                _copy(store, file, target)
            copied(file.name, target.stat().st_size)
        (folder / ORIGIN).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "Name a folder that can be written, on a disk with room."
        raise StoreUnreachable(str(folder), problem=problem, remedy=remedy) from error


def _copy(store: Store, file: Outside, target: Path) -> None:
    try:
        source = store.files.open(file.stored.path)
    except FileNotFoundError as error:
        raise DamagedFile(file.stored.path, stage=file.stage, problem="it is gone") from error
    with source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
    with target.open("rb") as copy:
        found = hashlib.file_digest(copy, "sha256").hexdigest()
    if found != file.stored.sha256:
        target.unlink()
        problem = "its SHA-256 is not the recorded one"
        raise DamagedFile(file.stored.path, stage=file.stage, problem=problem)
