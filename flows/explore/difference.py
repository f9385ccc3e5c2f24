"""How two versions differ: what was asked, what came out, and which documents."""

from __future__ import annotations

from typing import Any

from flows.explore.subject import Looked, address
from flows.explore.version import full
from pipeline.errors import StoreError
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.compare import Comparison, compare
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import Manifest

_MOST = 200  # documents of each kind


def others(looked: Looked, of: str) -> list[dict[str, Any]]:
    """The other versions of the stage that a person may want to compare with, the newest first."""
    ref, catalogue = looked.ref(of), looked.catalogue()
    found = [one for one in catalogue.versions if one.stage == ref.stage and one != ref]
    return [{"of": full(one), "names": catalogue.names.get(one, [])[:2]} for one in found[:_MOST]]


def asked(looked: Looked, before: str, after: str) -> dict[str, Any]:
    """What differs in the two manifests; no table is opened."""
    old, new = looked.manifest(before), looked.manifest(after)
    parts = (KeyParts.from_json(manifest.parts) for manifest in (old, new))
    return {
        "before": full(old.ref),
        "after": full(new.ref),
        "asked": [{"kind": each.kind, "told": sentence(each)} for each in differences(*parts)],
        "equal": old.digests == new.digests,
        "came_out": [name for name in sorted(_names(old, new)) if _differs(name, old, new)],
        "counts": _pairs(old.rows, new.rows),
        "drops": _pairs(old.drops, new.drops),
    }


def documents(looked: Looked, before: str, after: str) -> dict[str, Any]:
    """The documents that were added, changed or are gone, and the drops on the way, by rule."""
    old, new = looked.manifest(before), looked.manifest(after)
    lines: tuple[Ancestry, Ancestry] = (
        looked.versions(full(old.ref)),
        looked.versions(full(new.ref)),
    )
    try:
        found = compare(looked.store, old, new, lineage=lines)
    except StoreError as error:
        return {"why_not": str(error)}
    return {
        "unchanged": found.unchanged,
        "changes": {change: _change(found, change) for change in ("added", "changed", "gone")},
        "drops": [drop._asdict() for drop in found.drops],
    }


def _change(found: Comparison, change: str) -> dict[str, Any]:
    those = [each for each in found.documents if each.change == change]
    rows = [address(each.url) | {"why": each.why, "doc": _either(each)} for each in those[:_MOST]]
    return {"count": len(those), "rows": rows}


def _either(each: Any) -> str:
    return str((each.after or each.before or b"").hex())


def _names(old: Manifest, new: Manifest) -> set[str]:
    return old.digests.keys() | new.digests.keys()


def _differs(name: str, old: Manifest, new: Manifest) -> bool:
    return old.digests.get(name) != new.digests.get(name)


def _pairs(old: dict[str, int], new: dict[str, int]) -> list[dict[str, Any]]:
    names = dict.fromkeys([*new, *old])
    return [{"name": n, "before": old.get(n, 0), "after": new.get(n, 0)} for n in names]
