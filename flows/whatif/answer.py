"""From two policies to what is said of them."""

from __future__ import annotations

from dataclasses import replace

from flows.domains import by_domain
from flows.private_text import redacted
from flows.stage_of import stage_of
from flows.whatif.effect import Changed, DomainEffect, Effect, LanguageEffect, RuleEffect, Side
from flows.whatif.judge import DROPPED, KEPT, Judged, judge
from pipeline.errors import BadRecipe
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
    judged = judge(store, line, policy, examples)
    sides = {name: _side(judged, name) for name in ("now", "then", DROPPED, KEPT)}
    return Effect(
        verdicts=str(line.versions["verdicts"].ref),
        changes=_changes(line.versions["verdicts"], policy),
        documents=judged.documents,
        now=sides["now"],
        then=sides["then"],
        newly_dropped=sides[DROPPED],
        newly_kept=sides[KEPT],
        rules=_rules(judged, policy),
        languages=_languages(judged),
        domains=_domains(judged),
        examples=_examples(store, line, judged, characters),
    )


def _changes(manifest: Manifest, policy: Verdicts) -> tuple[str, ...]:
    """What differs, defaults included, in the words of `penstock why`."""
    before = KeyParts.from_json(manifest.parts)
    try:
        before = replace(before, config=stage_of(before).model_dump(mode="json"))
    except BadRecipe:  # the code here no longer takes the rules: what was written down counts
        pass
    after = replace(before, config=policy.model_dump(mode="json"))
    return tuple(sentence(each) for each in differences(before, after))


def _side(judged: Judged, name: str) -> Side:
    characters = judged.sides[name, "characters"] if judged.measured_characters else None
    return Side(documents=judged.sides[name, "documents"], characters=characters)


def _rules(judged: Judged, policy: Verdicts) -> tuple[RuleEffect, ...]:
    """Rules in the order of the policy, then those that it no longer has."""
    named = dict.fromkeys(rule.kind() for rule in policy.rules)
    gone = sorted({kind for _, kind in judged.any} - named.keys())
    return tuple(
        RuleEffect(
            rule=kind,
            now=judged.rules["now", kind],
            then=judged.rules["then", kind],
            any_now=judged.any["now", kind],
            any_then=judged.any["then", kind],
        )
        for kind in (*named, *gone)
    )


def _languages(judged: Judged) -> tuple[LanguageEffect, ...]:
    found = [
        LanguageEffect(
            language=language,
            documents=documents,
            now=judged.languages["now", language],
            then=judged.languages["then", language],
        )
        for (side, language), documents in judged.languages.items()
        if side == ""
    ]
    return tuple(sorted(found, key=lambda each: (-each.documents, each.language)))


def _domains(judged: Judged) -> tuple[DomainEffect, ...]:
    counts = by_domain(judged.hosts)
    found = [
        DomainEffect(
            domain=domain,
            newly_dropped=counts[DROPPED, domain],
            newly_kept=counts[KEPT, domain],
        )
        for domain in {domain for _, domain in counts}
    ]
    return tuple(sorted(found, key=lambda each: (-each.newly_dropped - each.newly_kept, each.domain)))


def _examples(
    store: Store, line: Ancestry, judged: Judged, characters: int
) -> tuple[Changed, ...]:
    rows = [(change, row) for change, those in judged.examples.items() for row in those.found()]
    wanted: dict[str, list[bytes]] = {}
    for _, row in rows:
        wanted.setdefault(row["shard"], []).append(row[DOC_ID])
    shown = readable(store, line, wanted)
    found = []
    for change, row in rows:
        each = shown[row["shard"], row[DOC_ID]]
        found.append(
            Changed(
                change=change,
                doc_id=row[DOC_ID].hex(),
                url=redacted(each.url),
                title=each.title,
                text=each.text[:characters] if each.text else each.text,
                rule=row["rule"],
                value=row["value"],
                threshold=row["threshold"],
            )
        )
    return tuple(found)


