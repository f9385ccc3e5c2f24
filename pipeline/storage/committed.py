"""The shards that lie in a store, whatever versions they are of."""

from collections.abc import Iterator

from pipeline.storage.files import Entry, Files


def committed(files: Files, stage: str = "") -> Iterator[tuple[str, str, Entry]]:
    """Stage, key and the receipt's entry of every committed shard, of all stages or of one."""
    for entry in files.entries(f"shards/{stage}" if stage else "shards"):
        if entry.path.endswith("/receipt.json"):
            _, of, _, shard_key, _ = entry.path.split("/")
            yield of, shard_key, entry
