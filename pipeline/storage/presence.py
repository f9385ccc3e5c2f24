"""A run is present from the first thing it makes until it is written down, for garbage collection.

A run that makes something holds a lease of its own, and names under it every version that it has
taken and every shard that it counts on. A collection keeps what is named there, and nothing that
is younger than the oldest run is deleted: what a run has made needs no naming.

Why that holds:
- Crashed runs. A lease that is not renewed counts for nothing after some minutes, on this machine
  as soon as its process is gone. What it kept is then kept by the grace period only.
- Several drivers. Each has a lease; the oldest decides, and all that any of them names is kept.
- A run and a collection that meet. The run names first and looks afterwards; the collection takes
  its lease first and reads the names afterwards. So either the collection sees the name, or the
  run sees the collection, waits for its end, and looks at what is left. This asks of a store only
  that what was written is listed at once, as local disks and today's object stores do.
- Clocks. Ages are compared with each other as the store notes them, never with a machine's clock:
  a collection asks the store for the time too, by writing a file.

A collection that is suspended for longer than a lease lasts may still delete what a new run has
named. Then the run ends with a sentence, and makes what is gone when it is started again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pipeline.errors import StoreError
from pipeline.storage.files import Files
from pipeline.storage.leases import FOLDER, Lease, live
from schemas.artifact import ArtifactRef, Shard

COLLECTION = "collection"  # the lease of whoever deletes
RUN = "run-"
USES = "attempts/uses"


class Presence:
    """One run's lease and what it has named. Holds nothing, and writes nothing, until `name`."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._token = ""
        self._lease: Lease | None = None
        self._count = 0

    @property
    def begun(self) -> bool:
        """Whether anything is named."""
        return self._lease is not None

    def name(self, versions: Iterable[ArtifactRef], shards: Iterable[Shard] = ()) -> None:
        """Keep these, if they are there; what is there afterwards stays until `end`.

        Waits for a collection that is under way.
        """
        if self._lease is None:
            self._token = f"{RUN}{secrets.token_hex(8)}"
            self._lease = Lease(self._files, self._token).__enter__()
        self._count += 1
        used = {
            "versions": [[ref.stage, ref.key] for ref in versions],
            "shards": [[shard.stage, shard.shard_key] for shard in shards],
        }
        path = f"{USES}/{self._token}/{self._count:06d}.json"
        self._files.create(path, json.dumps(used).encode())
        Lease(self._files, COLLECTION).wait()

    def end(self) -> None:
        """Let go of all; may be called again."""
        if self._lease is not None:
            lease, self._lease = self._lease, None
            lease.__exit__(None, None, None)
            with suppress(StoreError):  # what is left goes with the next collection
                for folder in (f"{USES}/{self._token}", f"{FOLDER}/{self._token}"):
                    for entry in list(self._files.entries(folder)):
                        self._files.delete(entry.path)


def oldest_run(files: Files, now: float) -> float | None:
    """When the oldest of the runs and makers that are at work began; None where none is."""
    began = [moment for name, moment in live(files, now).items() if name != COLLECTION]
    return min(began, default=None)


def named(files: Files, now: float) -> tuple[set[ArtifactRef], set[tuple[str, str]]]:
    """The versions and the shards (stage, key) that runs at work have named."""
    versions: set[ArtifactRef] = set()
    shards: set[tuple[str, str]] = set()
    running = live(files, now)
    for entry in files.entries(USES):
        _, _, token, name = entry.path.split("/")
        if token in running and name.endswith(".json"):  # and is not just being written
            try:
                used = json.loads(files.read(entry.path))
            except FileNotFoundError:
                continue  # that run has just ended
            versions.update(ArtifactRef(stage=stage, key=key) for stage, key in used["versions"])
            shards.update((stage, key) for stage, key in used["shards"])
    return versions, shards


def left_over(files: Files, now: float) -> Iterator[str]:
    """What runs that were killed have left of their leases."""
    running = live(files, now)
    for folder in (USES, FOLDER):
        for entry in files.entries(folder):
            token = entry.path.split("/")[2]
            if token.startswith(RUN) and token not in running:
                yield entry.path
