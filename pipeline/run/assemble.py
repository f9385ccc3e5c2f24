"""From the receipts of all shards to the manifest of the version."""

from collections import Counter

from pipeline.errors import MissingArtifact
from pipeline.run.digests import columns_of, digests_of
from pipeline.run.resolve import Resolution, free_revision, revision_of
from pipeline.store import Store
from schemas.artifact import Account, Exactness, Manifest, Receipt, Shard, Tally


def assemble(resolution: Resolution, shards: tuple[Shard, ...], store: Store) -> Manifest:
    """Create the manifest of a version. Anyone who has the same receipts writes the same one.

    Raises:
        MissingArtifact: a shard is not there, or not whole.
    """
    manifest = manifest_of(resolution, shards, store)
    made, ref = store.create_manifest(manifest), manifest.ref
    while resolution.stage.aligned and made.shards != manifest.shards:  # somebody else's
        ref, _ = revision_of(manifest.shards, ref, store)
        made = store.create_manifest(manifest.model_copy(update={"ref": ref}))
    return made


def manifest_of(resolution: Resolution, shards: tuple[Shard, ...], store: Store) -> Manifest:
    """The manifest that a version with these shards has; nothing is written.

    Raises:
        MissingArtifact: a shard is not there, or not whole.
    """
    stage, inputs = resolution.stage, resolution.inputs
    carried = [shard for role in stage.carries(inputs) for shard in inputs[role].shards]
    every = (*carried, *shards)
    receipts = []
    there = store.receipts(every)
    for shard in every:
        receipt = there[shard]
        if receipt is None:
            raise MissingArtifact(f"Shard {shard.name} of {resolution.ref}", where=store.uri)
        receipts.append((shard.name, receipt))
    exact = stage.exactness is Exactness.EXACT
    ref = resolution.ref if exact else free_revision(resolution.ref, store)
    rows: Counter[str] = Counter()
    drops: Counter[str] = Counter()
    for _, receipt in receipts:
        rows.update({table.name: table.rows for table in receipt.tables})
        drops.update(receipt.drops)
    return Manifest(
        ref=ref,
        exactness=stage.exactness,
        parts=resolution.parts.to_json(),
        inputs={role: manifest.ref for role, manifest in inputs.items()},
        shards=every,
        digests=digests_of(receipts),
        columns=columns_of(stage),
        rows=dict(sorted(rows.items())),
        drops=dict(sorted(drops.items())),
        account=_total([receipt for _, receipt in receipts]),
        reproducible=not any(receipt.environmental for _, receipt in receipts),
    )


def _total(receipts: list[Receipt]) -> Account | None:
    accounts = [receipt.account for receipt in receipts if receipt.account]
    if not accounts:
        return None
    return Account(
        entered=Tally.total(each.entered for each in accounts),
        kept=Tally.total(each.kept for each in accounts),
        dropped=Tally.total(each.dropped for each in accounts),
        quarantined=Tally.total(each.quarantined for each in accounts),
    )
