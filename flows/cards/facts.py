"""Gathering what cards say: from manifests, receipts and columns of the store, and nothing else."""

from __future__ import annotations

from typing import Any

from flows.cards import counts as card_counts
from flows.cards.policy import public, rules_of, sources_of
from flows.cards.training import scores_of, training_of
from flows.results.counts import (
    documents_by_language,
    private_data,
    tokens_by_language,
    windows,
)
from flows.stage_of import stage_of
from flows.version_files import outside
from pipeline.errors import BadRecipe
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.living import Living
from pipeline.lineage.openlineage_datasets import digest_of
from pipeline.run.history import runs
from pipeline.stage import Stage
from pipeline.storage.references import References
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import Manifest
from schemas.card import (
    CardFacts,
    FieldFacts,
    FileFacts,
    LanguageCount,
    RunFacts,
    VersionFacts,
)
from schemas.jobs import Scores

HELD_OUT = "held_out"  # leaves `tokens` for the validation set
OVERTAKEN = ("superseded", "removed")  # no duplicates: an older window's


def facts_of(store: Store, versions: Ancestry, head: Manifest) -> CardFacts:
    """Everything that a card of a version says.

    Args:
        store: where the versions are.
        versions: the version, what it stands on, and what was made of it.
        head: the version that was asked about.
    """
    return _Gathering(store, versions, head).facts()


class _Gathering:
    """One card's worth of looking into the store."""

    def __init__(self, store: Store, versions: Ancestry, head: Manifest) -> None:
        self._store, self._head = store, head
        self._found = versions.versions
        self._living = Living(store, self._found)
        self._stages = {name: _stage(manifest) for name, manifest in self._found.items()}

    def facts(self) -> CardFacts:
        """All of it."""
        found, living = self._found, self._living
        name, run = self._run()
        scores = scores_of(self._store, found.get("scores"))
        languages = self._languages(scores)
        verdicts = living.count("verdicts")
        clusters = dict(living.drops("clusters")) if "clusters" in found else {}
        tokens = found.get("tokens")
        validation = found.get("validation")
        return CardFacts(
            name=name,
            subject=str(self._head.ref),
            versions=tuple(self._version(manifest) for manifest in found.values()),
            sources=sources_of(self._store, self._stages.get("pages"), found, living),
            windows=tuple(windows(self._store, found["pages"])) if "pages" in found else (),
            pages=living.pages() if "pages" in found else None,
            replaced=living.past.replaced,
            gone=living.past.gone,
            extracted=self._kept("documents"),
            quarantined=living.drops("documents") if "documents" in found else {},
            judged=verdicts.kept + verdicts.dropped + verdicts.quarantined if verdicts else None,
            rules=rules_of(self._stages.get("verdicts"), living),
            duplicates={why: n for why, n in clusters.items() if why not in OVERTAKEN},
            similarity=self._setting("clusters", "threshold"),
            mixed_out=sum(living.drops("mixture").values()) if "mixture" in found else None,
            private_data=self._private_data(),
            licences=card_counts.licences(self._store, dict(found), living),
            documents=self._kept("corpus"),
            train=self._kept("tokens"),
            held_out=tokens.drops.get(HELD_OUT, 0) if tokens else None,
            scored=validation.rows.get("validation") if validation else None,
            split=self._dumped("corpus", "split"),
            domains=card_counts.domains(self._store, found["corpus"]) if "corpus" in found else (),
            languages=languages,
            tokens=sum(each.tokens for each in languages) if tokens else None,
            validation_tokens=self._validation_tokens(),
            text_bytes=sum(each.text_bytes for each in languages),
            vocabulary=self._setting("tokenizer", "vocabulary"),
            context=self._dumped("tokens", "packing").get("context"),
            files=self._files(),
            fields=self._fields(),
            training=training_of(
                self._store, found.get("model"), self._stages.get("model"), scores
            ),
            packages=self._packages(),
            run=run,
        )

    def _version(self, manifest: Manifest) -> VersionFacts:
        receipts = [self._store.find_receipt(s.stage, s.shard_key) for s in manifest.shards]
        size = sum(file.size for r in receipts if r for file in r.every_file())
        main = next((receipt.main for receipt in receipts if receipt), None)
        return VersionFacts(
            stage=manifest.stage,
            ref=str(manifest.ref),
            key=manifest.ref.key,
            digest=digest_of(manifest),
            rows=manifest.rows.get(main) if main else None,
            size=size,
            exactness=manifest.exactness.value,
            reproducible=manifest.reproducible,
            settings=public(manifest.parts.get("config", {})),
        )

    def _languages(self, scores: Scores | None) -> tuple[LanguageCount, ...]:
        corpus, tokens = self._found.get("corpus"), self._found.get("tokens")
        documents = (
            documents_by_language(self._store, corpus, "corpus", "doc_id", self._living)
            if corpus
            else {}
        )
        packed = tokens_by_language(self._store, tokens) if tokens else {}
        found = [
            LanguageCount(
                language=language,
                documents=documents.get(language, 0),
                tokens=packed.get(language, (0, 0))[0],
                text_bytes=packed.get(language, (0, 0))[1],
                model=scores.model_by_language.get(language or "unknown") if scores else None,
                bigram=scores.bigram_by_language.get(language or "unknown") if scores else None,
            )
            for language in {*documents, *packed}
        ]
        return tuple(sorted(found, key=lambda each: (-each.documents, each.language)))

    def _private_data(self) -> dict[str, int] | None:
        measured = self._found.get("signals.private_data")
        if measured is None:
            return None
        last = self._found.get("mixture") or self._found.get("clusters")
        return private_data(self._store, measured, last)

    def _validation_tokens(self) -> int | None:
        packed = self._found.get("tokens.validation")
        if packed is None:
            return None
        return sum(count for count, _ in tokens_by_language(self._store, packed).values())

    def _files(self) -> tuple[FileFacts, ...]:
        """The files of the corpus as an export has them."""
        corpus = self._found.get("corpus")
        return tuple(
            FileFacts(
                name=file.name,
                size=None if file.standing else file.stored.size,
                sha256=None if file.standing else file.stored.sha256,
            )
            for file in (outside(self._store, corpus) if corpus else ())
        )

    def _fields(self) -> tuple[FieldFacts, ...]:
        stage = self._stages.get("corpus")
        schema = stage.tables().get("corpus", ()) if stage else ()
        return tuple(FieldFacts(name=field.name, kind=str(field.type)) for field in schema)

    def _packages(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for manifest in self._found.values():
            found |= manifest.parts.get("packages", {})
        return dict(sorted(found.items()))

    def _run(self) -> tuple[str, RunFacts | None]:
        """The recipe of the newest run that made the version, and that run."""
        stage = self._head.stage
        names = References(self._store).names(stage)
        for name in names:
            log = runs(self._store, name)
            for number in reversed(log.numbers()):
                run = log.get(number)
                done = run.stages.get(stage)
                if done and done.ref == self._head.ref and not done.reused:
                    return name, RunFacts(window=run.window, started=run.started, ended=run.ended)
        return names[0] if names else stage, None

    def _kept(self, stage: str) -> int | None:
        count = self._living.count(stage)
        return count.kept if count else None

    def _setting(self, stage: str, name: str) -> Any:
        return getattr(self._stages.get(stage), name, None)

    def _dumped(self, stage: str, name: str) -> dict[str, Any]:
        found = self._setting(stage, name)
        return found.model_dump(mode="json") if found else {}


def _stage(manifest: Manifest) -> Stage | None:
    """The stage that made a version, or None where the code here no longer knows it."""
    try:
        return stage_of(KeyParts.from_json(manifest.parts))
    except BadRecipe:
        return None
