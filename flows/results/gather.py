"""Gathering the figures of a run: from manifests, receipts and small columns of the store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow.compute as pc

from flows.results.counts import (
    documents_by_language,
    private_data,
    tokens_by_language,
    windows,
)
from flows.results.figures import (
    Figures,
    LanguageFigures,
    Leak,
    Left,
    Point,
    StageFigures,
    Stations,
    Training,
)
from flows.results.stage_words import stage_words
from flows.results.tries import tries
from flows.session import Session
from pipeline.lineage.ancestry import ancestry
from pipeline.lineage.living import Living
from pipeline.run.history import runs
from pipeline.shard.split import HELD_OUT
from pipeline.store import Store
from ray_jobs.stages import METRICS, SCORES
from schemas.artifact import ArtifactRef, Manifest
from schemas.column import DOC_ID
from schemas.jobs import Scores
from schemas.run import StageRun

HELD_OUT_RULE = "held_out"  # leaves `tokens` for the validation set: no loss

Manifests = Mapping[str, Manifest]


def gather(session: Session, stages: Mapping[str, StageRun], made_by: str) -> Figures:
    """Everything that the page shows of these versions; a run may have stopped at any stage.

    A run may have begun with a version that it was given: what that was made of counts as well.

    Args:
        session: the run.
        stages: the versions it came to, and what it did for them.
        made_by: a hash of the code and words that make the page, to be kept with them.
    """
    store = session.store
    found = _found(store, stages)
    there = windows(store, found["pages"]) if "pages" in found else []
    scores = _scores(store, found)
    living = Living(store, found)
    languages = _languages(store, found, scores, living)
    tokens = found.get("tokens.validation")
    held_out = tokens_by_language(store, tokens) if tokens else {}
    return Figures(
        made_by=made_by,
        recipe=session.recipe.name,
        description=session.recipe.description,
        window=there[-1] if there else session.wishes.window,
        windows=max(len(there), 1),
        gone=living.past.gone,
        replaced=living.past.replaced,
        seconds=_elapsed(session.started) if any(not s.reused for s in stages.values()) else 0,
        stations=_stations(found, living),
        left=_left(found, living),
        languages=languages,
        private_data=_private_data(store, found),
        text_bytes=sum(each.text_bytes for each in languages),
        tokens=sum(each.tokens for each in languages),
        validation_tokens=sum(count for count, _ in held_out.values()),
        training=_training(store, found, scores),
        leak=_leak(session, found),
        stages=tuple(
            _stage(store, manifest, stages.get(name), living) for name, manifest in found.items()
        ),
        tries=tries(session, found),
    )


def stages_of(session: Session, stages: Mapping[str, StageRun]) -> dict[str, StageRun]:
    """What was done for each stage since the session began, by any flow of it."""
    merged = dict(stages)
    log = runs(session.store, session.recipe.name)
    for number in reversed(log.numbers()):
        run = log.get(number)
        if run.started < session.started:
            break
        for name, stage in run.stages.items():
            if name in merged and merged[name].reused and stage.ref == merged[name].ref:
                merged[name] = stage
    return merged


def _found(store: Store, stages: Mapping[str, StageRun]) -> dict[str, Manifest]:
    """The run's versions behind those that it was given, in order."""
    own = {name: store.open(stage.ref) for name, stage in stages.items()}
    every = ancestry(store, *own.values()).versions
    return {name: every[name] for name in every if name not in own} | own


def _stations(found: Manifests, living: Living) -> Stations:
    tokens = found.get("tokens")
    return Stations(
        pages=living.pages() if "pages" in found else None,
        extracted=_kept(living, "documents"),
        kept=_kept(living, "verdicts"),
        corpus=_kept(living, "corpus"),
        train=_kept(living, "tokens"),
        held_out=tokens.drops.get(HELD_OUT_RULE, 0) if tokens else None,
    )


def _kept(living: Living, stage: str) -> int | None:
    count = living.count(stage)
    return count.kept if count else None


def _left(found: Manifests, living: Living) -> tuple[Left, ...]:
    left = [
        Left.model_validate(
            {
                "stage": name,
                "outcome": "duplicate" if name == "clusters" else _outcome(manifest),
                "rule": rule,
                "documents": count,
            }
        )
        for name, manifest in found.items()
        for rule, count in living.drops(name).items()
        if rule != HELD_OUT_RULE
    ]
    return tuple(sorted(left, key=lambda each: (-each.documents, each.stage, each.rule)))


def _outcome(manifest: Manifest) -> str:
    """Quarantined, where that is all that happened to documents there."""
    account = manifest.account
    return "quarantined" if account and not account.dropped.count else "dropped"


def _languages(
    store: Store, found: Manifests, scores: Scores | None, living: Living
) -> tuple[LanguageFigures, ...]:
    signals, corpus, tokens = (found.get(n) for n in ("signals.language", "corpus", "tokens"))
    extracted, unique = (
        documents_by_language(store, one, table, live, living) if one else Counter[str]()
        for one, table, live in ((signals, "signals", "measured"), (corpus, "corpus", DOC_ID))
    )
    packed = tokens_by_language(store, tokens) if tokens else {}
    made = [
        LanguageFigures(
            language=language,
            extracted=extracted.get(language, 0),
            corpus=unique.get(language, 0),
            tokens=packed.get(language, (0, 0))[0],
            text_bytes=packed.get(language, (0, 0))[1],
            model=scores.model_by_language.get(language or "unknown") if scores else None,
            bigram=scores.bigram_by_language.get(language or "unknown") if scores else None,
        )
        for language in {*extracted, *unique, *packed}
    ]
    return tuple(sorted(made, key=lambda each: (-each.corpus, -each.extracted, each.language)))


def _private_data(store: Store, found: Manifests) -> dict[str, int]:
    measured = found.get("signals.private_data")
    last = found.get("mixture") or found.get("clusters")
    return private_data(store, measured, last) if measured else {}


def _scores(store: Store, found: Manifests) -> Scores | None:
    if "scores" not in found:
        return None
    file = store.stored_file(found["scores"], SCORES)
    return Scores.model_validate_json(store.files.read(file.path))


def _training(store: Store, found: Manifests, scores: Scores | None) -> Training | None:
    if "model" not in found:
        return None
    file = store.stored_file(found["model"], METRICS)
    lines = [json.loads(line) for line in store.files.read(file.path).splitlines() if line]
    last = lines[-1] if lines else {}
    return Training(
        curve=tuple(Point(step=line["step"], loss=line["loss"]) for line in lines),
        tokens=last.get("tokens", 0),
        tokens_per_second=last.get("tokens_per_second", 0),
        model=scores.model if scores else None,
        bigram=scores.bigram if scores else None,
        passages=scores.passages if scores else (),
    )


def _leak(session: Session, found: Manifests) -> Leak | None:
    """Of the pinned set; the corpus that it was chosen from may be an older one."""
    validation = found.get("validation")
    origin = session.store.find(validation.inputs["corpus"]) if validation else None
    if validation is None or origin is None:
        return None
    split = session.store.read(origin, "corpus", ["split"])["split"]
    nearest = session.store.read(validation, "validation", ["nearest"])["nearest"]
    asked = session.recipe.validation
    held_out: int = pc.sum(pc.equal(split, HELD_OUT)).as_py() or 0
    return Leak(
        held_out=min(held_out, asked.most_documents),
        scored=len(nearest),
        threshold=asked.leak_threshold,
        most_similar=pc.max(nearest).as_py() or 0.0,
        median_similar=pc.quantile(nearest, 0.5)[0].as_py() or 0.0,
    )


def _stage(
    store: Store, manifest: Manifest, stage: StageRun | None, living: Living
) -> StageFigures:
    made = stage is not None and not stage.reused
    receipts = [store.find_receipt(each.stage, each.shard_key) for each in manifest.shards]
    cost = sum(receipt.wall_seconds for receipt in receipts if receipt)
    return StageFigures(
        stage=manifest.stage,
        version=version_name(manifest.ref),
        made=made,
        shards=len(manifest.shards),
        rows=stage_words(store, manifest, living),
        seconds=stage.wall_seconds if stage and made else cost,
        digests=manifest.digests,
        reproducible=manifest.reproducible,
    )


def version_name(ref: ArtifactRef) -> str:
    """The part of a version's name behind the stage: 12 hex digits, and ~2 for a second outcome."""
    return str(ref).partition("@")[2]


def _elapsed(started: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds()
