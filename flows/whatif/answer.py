"""From two policies to what is said of them."""

from __future__ import annotations

from dataclasses import replace

from flows.domains import by_domain
from flows.private_text import redacted
from flows.stage_of import policy_of
from flows.whatif.count import ALL, DROPPED, KEPT, NOW, THEN, Count
from flows.whatif.effect import Changed, DomainEffect, Effect, LanguageEffect, RuleEffect, Side
from flows.whatif.judge import Judge
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.readable import readable
from pipeline.select.stage import Verdicts
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import Manifest
from schemas.column import DOC_ID


def what_if(
    store: Store, line: Ancestry, policy: Verdicts, *, examples: int = 3, characters: int = 240
) -> Effect:
    """What another policy would drop of the documents of a version of `verdicts`.

    Args:
        store: where the versions are.
        line: the version, and what it was made of.
        policy: the other rules.
        examples: documents of each kind to show.
        characters: of each text, at most.
    """
    manifest = line.versions["verdicts"]
    old = policy_of(manifest)
    count = Count(examples)
    for both in Judge(store, line, old, policy).judged():
        count.add(both)
    return Effect(
        verdicts=str(manifest.ref),
        changes=_changes(manifest, old, policy),
        documents=count.documents[ALL],
        now=_side(count, NOW),
        then=_side(count, THEN),
        newly_dropped=_side(count, DROPPED),
        newly_kept=_side(count, KEPT),
        rules=_rules(count, policy),
        languages=_languages(count),
        domains=_domains(count),
        examples=_examples(store, line, count, characters),
    )


def _changes(manifest: Manifest, old: Verdicts | None, new: Verdicts) -> tuple[str, ...]:
    """What differs, defaults included, in the words of `penstock why`."""
    before = KeyParts.from_json(manifest.parts)
    if old is not None:
        before = replace(before, config=old.model_dump(mode="json"))
    after = replace(before, config=new.model_dump(mode="json"))
    return tuple(sentence(each) for each in differences(before, after))


def _side(count: Count, name: str) -> Side:
    characters = count.characters[name] if count.characters else None
    return Side(documents=count.documents[name], characters=characters)


def _rules(count: Count, policy: Verdicts) -> tuple[RuleEffect, ...]:
    """Rules in the order of the policy, then those that it no longer has."""
    named = dict.fromkeys(rule.kind() for rule in policy.rules)
    gone = sorted({kind for _, kind in count.every} - named.keys())
    return tuple(
        RuleEffect(
            rule=kind,
            now=count.rules[NOW, kind],
            then=count.rules[THEN, kind],
            any_now=count.every[NOW, kind],
            any_then=count.every[THEN, kind],
        )
        for kind in (*named, *gone)
    )


def _languages(count: Count) -> tuple[LanguageEffect, ...]:
    found = [
        LanguageEffect(
            language=language,
            documents=documents,
            now=count.languages[NOW, language],
            then=count.languages[THEN, language],
        )
        for (side, language), documents in count.languages.items()
        if side == ALL
    ]
    return tuple(sorted(found, key=lambda each: (-each.documents, each.language)))


def _domains(count: Count) -> tuple[DomainEffect, ...]:
    counts = by_domain(count.hosts)
    found = [
        DomainEffect(
            domain=domain,
            newly_dropped=counts[DROPPED, domain],
            newly_kept=counts[KEPT, domain],
        )
        for domain in {domain for _, domain in counts}
    ]
    return tuple(
        sorted(found, key=lambda each: (-each.newly_dropped - each.newly_kept, each.domain))
    )


def _examples(store: Store, line: Ancestry, count: Count, characters: int) -> tuple[Changed, ...]:
    rows = [(change, row) for change, those in count.examples.items() for row in those.found()]
    wanted: dict[str, list[bytes]] = {}
    for _, row in rows:
        wanted.setdefault(row["shard"], []).append(row[DOC_ID])
    shown = readable(store, line, wanted)
    found = []
    for change, row in rows:
        each = shown[row["shard"], row[DOC_ID]]
        told = {
            "change": change,
            "doc_id": row[DOC_ID].hex(),
            "url": redacted(each.url),
            "title": each.title,
            "text": each.text[:characters] if each.text else each.text,
        }
        found.append(
            Changed.model_validate(told | {n: row[n] for n in ("rule", "value", "threshold")})
        )
    return tuple(found)
