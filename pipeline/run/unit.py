"""Making one unit: read, make, check, commit. Safe to repeat, here or elsewhere."""

import errno
import hashlib
import secrets
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.commit import Effort, commit_shard, followed_receipt
from pipeline.errors import MissingArtifact
from pipeline.run.order import UnitOrder
from pipeline.run.same_code import check_code
from pipeline.stage import Stage
from pipeline.storage.journal import Journal, journal_folder
from pipeline.storage.local import unreachable
from pipeline.storage.nearby import Nearby, unwritable
from pipeline.storage.notes import put_note
from pipeline.storage.predecessor import Predecessor
from pipeline.store import Store
from pipeline.work import Work
from schemas.artifact import Exactness, Receipt, Shard


def make_unit(
    order: UnitOrder, progress: Callable[[int, int], None] | None = None, store: Store | None = None
) -> tuple[Shard, ...]:
    """Make the shards of one unit, or take those that are there.

    Raises:
        CodeEdited: the code here is not the code that the key names.
        ConservationError: the stage lost or doubled documents.
        StoreError: something cannot be read or written.
    """
    store = store or Store.at(order.store, create=False)
    there = _there(order, store)
    if there and all(there.values()):
        return tuple(shard for shard in there)
    check_code(order.stage, order.code)
    inputs = _input_receipts(order, store)
    scratch = store.files.scratch()
    try:
        return _made(order, inputs, scratch, progress, store)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # met by whoever writes to the scratch
            told = unwritable if Nearby(store.uri).holds(scratch) else unreachable
            raise told(error, scratch) from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _made(
    order: UnitOrder,
    inputs: dict[str, dict[str, Receipt]],
    scratch: Path,
    progress: Callable[[int, int], None] | None,
    store: Store,
) -> tuple[Shard, ...]:
    stage = order.stage
    attempt = f"{order.attempt}-{secrets.token_hex(4)}"  # a second try never meets a first's files
    began, cpu = time.monotonic(), time.process_time()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    work = Work(
        stage,
        order.unit,
        inputs,
        store,
        scratch,
        runtime=order.runtime,
        window=order.window,
        durable=durable_folder(stage, order.key, store),
        journal=open_journal(stage, order.key, store),
        progress=progress,
        alike=order.alike,
        predecessor=Predecessor.of(order.predecessor, store),
    )
    stage.make(work)
    work.close()
    if stage.exactness is Exactness.EXACT:  # what took days stays: its code was loaded at its start
        check_code(stage, order.code)
    share = max(1, len(work.made))  # each receipt bears its share of the cost
    wall, spent = time.monotonic() - began, time.process_time() - cpu
    effort = Effort(attempt, started, round(wall / share, 6), round(spent / share, 6))
    made = []
    for shard in work.made:
        key = order.shard_keys.get(shard) or open_shard_key(order, attempt, shard)
        found = Shard(name=shard, stage=stage.name(), shard_key=key)
        if store.receipt(found) is None:
            followed = followed_receipt(stage, shard, inputs)
            commit_shard(stage, work, shard, key, followed, effort, store)
        made.append(found)
    for name, rows in work.notes.made.items():
        put_note(store.files, stage.name(), order.key, name, rows)
    return tuple(made)


def durable_folder(stage: Stage, key: str, store: Store) -> Path | None:
    """Where a job leaves its checkpoints, so that the next try of the same key goes on."""
    if stage.exactness is not Exactness.TOLERANCE:
        return None
    return store.files.durable(f"{stage.name()}-{key[:32]}")


def open_journal(stage: Stage, key: str, store: Store) -> Journal | None:
    """Where an observed stage writes down what it has done, so that the next try goes on."""
    if stage.exactness is not Exactness.OBSERVED:
        return None
    return Journal(store.files, journal_folder(stage.name(), key))


def open_shard_key(order: UnitOrder, attempt: str, shard: str) -> str:
    """The key of a shard that shows only while it is made; bound to one try of one attempt."""
    text = f"penstock open shard 1\0{order.key}\0{attempt}\0{shard}"
    return hashlib.sha256(text.encode()).hexdigest()


def _there(order: UnitOrder, store: Store) -> dict[Shard, Receipt | None]:
    return store.receipts(
        Shard(name=shard, stage=order.stage.name(), shard_key=key)
        for shard, key in order.shard_keys.items()
    )


def _input_receipts(order: UnitOrder, store: Store) -> dict[str, dict[str, Receipt]]:
    found: dict[str, dict[str, Receipt]] = {}
    receipts = store.receipts(shard for shards in order.inputs.values() for shard in shards)
    for role, shards in order.inputs.items():
        for shard in shards:
            receipt = receipts[shard]
            if receipt is None:
                raise MissingArtifact(
                    f"Shard {shard.name} of {shard.stage}, which {order} reads,", where=store.uri
                )
            found.setdefault(role, {})[shard.name] = receipt
    return found
