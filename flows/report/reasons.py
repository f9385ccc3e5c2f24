"""Why documents left, stage by stage, with some of them to read."""

from __future__ import annotations

from collections.abc import Mapping

from flows.cards.policy import rules_of
from flows.private_text import redacted
from flows.report.figures import Example, Reason
from flows.report.scan import Scan
from flows.results.words import RULES
from flows.stage_of import policy_of
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.living import Living
from pipeline.lineage.pick import Left, lowest_by_rule
from pipeline.lineage.readable import Readable
from pipeline.store import Store
from schemas.column import DOC_ID

CHARACTERS = 500  # of a text that is shown
_STAGES = ("documents", "verdicts", "clusters", "mixture")
_PAST = ("superseded", "removed")  # no documents of now: a newer window's record counts

Shown = Mapping[tuple[str, bytes], Readable]  # (shard, doc_id) -> a document


def chosen(
    store: Store, versions: Ancestry, living: Living, examples: int
) -> dict[str, dict[str, list[Left]]]:
    """Stage -> rule -> the ledger's rows of the documents to show."""
    there = [stage for stage in _STAGES if versions.get(stage)]
    return {stage: lowest_by_rule(store, versions, stage, examples, living) for stage in there}


def reasons(
    versions: Ancestry, living: Living, scan: Scan, rows: Mapping[str, Mapping[str, list[Left]]]
) -> tuple[Reason, ...]:
    """Every reason that took a document, and every rule: stage by stage, the most first."""
    found = []
    for stage in rows:
        judged = stage == "verdicts"
        told = _policy(versions, living) if judged else {}
        drops = {rule: n for rule, n in living.drops(stage).items() if rule not in _PAST}
        for rule in sorted({*told, *drops}, key=lambda rule: (-drops.get(rule, 0), rule)):
            about, settings = told.get(rule, (RULES.get(rule, ""), ""))
            found.append(
                Reason(
                    stage=stage,
                    rule=rule,
                    about=about,
                    settings=settings,
                    documents=drops.get(rule, 0),
                    text_bytes=scan.first_bytes[rule] if judged else None,
                    every=scan.every[rule] if judged else None,
                    alone=scan.alone[rule] if judged else None,
                    examples=tuple(_example(row, scan.shown) for row in rows[stage].get(rule, ())),
                )
            )
    return tuple(found)


def _policy(versions: Ancestry, living: Living) -> dict[str, tuple[str, str]]:
    """Rule -> what it does, and its thresholds."""
    policy = policy_of(versions.versions["verdicts"])
    return {
        rule.rule: (
            rule.about.replace("`", ""),
            ", ".join(f"{n} {v}" for n, v in rule.settings.items() if _short(v)),
        )
        for rule in rules_of(policy, living)
    }


def _short(value: object) -> bool:
    return isinstance(value, int | float | str) or (isinstance(value, list) and len(value) <= 12)


def _example(left: Left, shown: Shown) -> Example:
    each = shown[left["shard"], left[DOC_ID]]
    text = each.text[:CHARACTERS] if each.text else each.text
    return Example(url=redacted(each.url), title=each.title, text=text, told=_told(left))


def _told(left: Left) -> str:
    told = [f"{name} {left[name]:.4g}" for name in ("value", "threshold") if left[name] is not None]
    if left["kept"]:
        told = [f"similarity {left['value']:.3g}"] if left["value"] is not None else []
        told.append(f"{left['kept'].hex()} was kept in its place")
    if left["detail"]:
        told.append(redacted(str(left["detail"])))
    return ", ".join(told)
