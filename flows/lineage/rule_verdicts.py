"""What every rule of a policy says of one document, not only the rule that dropped it."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from flows.stage_of import stage_of
from pipeline.errors import BadRecipe
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.places import Place, receipts_of
from pipeline.lineage.story import Story
from pipeline.select.stage import Verdicts
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.column import DOC_ID

TABLE = "signals"


class AskedRule(NamedTuple):
    """A rule, and what it found."""

    rule: str
    drops: bool
    value: float | None
    threshold: float | None

    def sentence(self) -> str:
        """One line for people."""
        value = "" if self.value is None else f" value {self.value:g}"
        past = "" if self.threshold is None else f", threshold {self.threshold:g}"
        return (
            f"{self.rule}: {'would drop it' if self.drops else 'lets it stay'},{value}{past}".strip(
                ","
            )
        )


def asked_rules(store: Store, versions: Ancestry, story: Story) -> list[AskedRule]:
    """Ask every rule of the policy again, by the signals of the document that are written down.

    Empty where the document was not judged, or other code than the code here made the verdict.
    """
    manifest = versions.get("verdicts")
    if manifest is None or story.chapter("verdicts") is None:
        return []
    try:
        stage = stage_of(KeyParts.from_json(manifest.parts))
    except BadRecipe:
        return []
    if not isinstance(stage, Verdicts):
        return []
    place = Place(story.shard, bytes.fromhex(story.doc_id), story.url)
    signals: dict[str, pa.Array] = {}
    for family, names in stage.signals_read().items():
        row = _signals(store, versions, family, names, place)
        if row is None:
            return []
        signals |= {f"{family}.{name}": row[name].combine_chunks() for name in names}
    found = []
    for rule in stage.rules:
        judged = rule.judge(signals)
        first = (judged.drop[0].as_py(), judged.value[0].as_py(), judged.threshold[0].as_py())
        found.append(AskedRule(rule.kind(), bool(first[0]), *first[1:]))
    return found


def _signals(
    store: Store, versions: Ancestry, family: str, names: tuple[str, ...], place: Place
) -> pa.Table | None:
    """The row of a document in a family's table."""
    manifest = versions.get(f"signals.{family}")
    for shard, receipt in receipts_of(store, manifest, place.shard) if manifest else ():
        if shard == place.shard and receipt.table(TABLE):
            columns = [DOC_ID, *names]
            for batch in store.batches(receipt, TABLE, columns):
                here = batch.filter(pc.equal(batch[DOC_ID], pa.scalar(place.doc_id, pa.binary(16))))
                if here.num_rows:
                    return pa.Table.from_batches([here])
    return None
