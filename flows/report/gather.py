"""Gathering a report: from manifests, receipts, ledgers and tables, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from flows.domains import by_domain
from flows.histograms.gather import drawable, drawn, histograms
from flows.report.clusters import clusters, largest
from flows.report.figures import (
    Cluster,
    Domain,
    Duplicates,
    Language,
    Private,
    Report,
    Station,
    Tokens,
    Version,
)
from flows.report.reasons import chosen, reasons
from flows.report.scan import CORPUS, EXTRACTED, KEPT, Scan, columns
from flows.results.counts import shards, tokens_by_language, windows
from flows.stage_of import policy_of, stage_of
from pipeline.errors import BadRecipe, MissingArtifact
from pipeline.lineage.aligned import Rows, aligned
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.living import Living
from pipeline.select.rule import Rule
from pipeline.shard.tokens import TrainTokens
from pipeline.signals.private.kinds import KIND_NAMES
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import Manifest
from schemas.column import DOC_ID

NEEDED = (
    *("pages", "documents", "signals.language", "signals.private_data"),
    *("verdicts", "clusters", "corpus"),
)
_CLUSTERS, _DOMAINS = 10, 40  # that are shown


def gather(store: Store, versions: Ancestry, name: str, *, examples: int = 3) -> Report:
    """Everything that a report says of a corpus.

    Memory is bounded by a batch of texts, a shard's small columns, the documents that are shown,
    and the different languages and hosts that there are.

    Args:
        store: where the versions are.
        versions: the corpus, what it stands on, and its tokens where there are some.
        name: of the corpus, for its title.
        examples: documents to show of each reason.

    Raises:
        MissingArtifact: the versions have no corpus, or what it was made of is gone.
    """
    lacking = [stage for stage in NEEDED if versions.get(stage) is None]
    if lacking:
        what = f"A corpus with all that it was made of (there is no version of {lacking[0]})"
        raise MissingArtifact(what, where=store.uri, known=list(versions.versions))
    living = Living(store, versions.versions)
    past = living.past.ids
    left = chosen(store, versions, living, examples)
    heads = largest(store, versions, _CLUSTERS, past)
    shown = (row[DOC_ID] for rules in left.values() for rows in rules.values() for row in rows)
    decides = "mixture" if versions.get("mixture") else "clusters"
    scan = Scan({*shown, *(head.doc_id for head in heads)}, decides)
    for rows in aligned(store, versions.versions, columns(versions), past=past):
        scan.add(rows)
    rules, signals = _policy(versions), [signal for signal, _ in drawable(store, versions)]
    domains = _domains(scan)
    return Report(
        name=name,
        subject=str(versions.versions["corpus"].ref),
        windows=tuple(windows(store, versions.versions["pages"])),
        stations=_stations(store, versions, living, scan),
        reasons=reasons(versions, living, scan, left),
        signals=tuple(histograms(store, versions, rules, signals, past=past)),
        read={signal: _readers(rules, signal) for signal in signals},
        languages=_languages(store, versions, scan),
        domains=domains[:_DOMAINS],
        more_domains=max(len(domains) - _DOMAINS, 0),
        duplicates=_duplicates(scan, clusters(store, versions, heads, past, scan.shown)),
        private=_private(scan),
        private_documents=scan.holding["any"],
        tokens=_tokens(store, versions),
        versions=tuple(_version(store, each) for each in versions.versions.values()),
    )


def _policy(versions: Ancestry) -> tuple[Rule, ...]:
    policy = policy_of(versions.versions["verdicts"])
    return policy.rules if policy else ()


def _readers(rules: tuple[Rule, ...], signal: str) -> tuple[str, ...]:
    return tuple(rule.kind() for rule in rules if signal in rule.reads)


def _private(scan: Scan) -> tuple[Private, ...]:
    found = [
        Private(kind=kind, spans=scan.spans[kind], documents=scan.holding[kind])
        for kind in KIND_NAMES
    ]
    return tuple(sorted(found, key=lambda each: (-each.spans, each.kind)))


def _stations(store: Store, versions: Ancestry, living: Living, scan: Scan) -> tuple[Station, ...]:
    found = [Station(name="pages", documents=living.pages())]
    last = "unique and mixed" if versions.get("mixture") else "unique"
    for station, name in (
        (EXTRACTED, "text extracted"),
        (KEPT, "kept by the rules"),
        (CORPUS, f"{last}: the corpus"),
    ):
        documents, size = scan.documents[station], scan.bytes[station]
        found.append(Station(name=name, documents=documents, text_bytes=size))
    tokens = versions.get("tokens")
    if tokens:
        size = sum(spelled for _, spelled in tokens_by_language(store, tokens).values())
        count = tokens.rows.get("documents", 0)
        found.append(Station(name="to train on", documents=count, text_bytes=size))
    return tuple(found)


def _languages(store: Store, versions: Ancestry, scan: Scan) -> tuple[Language, ...]:
    tokens = versions.get("tokens")
    packed = tokens_by_language(store, tokens) if tokens else {}
    found = [
        Language(
            language=language,
            extracted=scan.languages[EXTRACTED, language],
            kept=scan.languages[KEPT, language],
            corpus=scan.languages[CORPUS, language],
            text_bytes=scan.languages["bytes", language],
            tokens=packed.get(language, (0, 0))[0],
        )
        for language in {language for _, language in scan.languages}
    ]
    return tuple(sorted(found, key=lambda each: (-each.corpus, -each.extracted, each.language)))


def _domains(scan: Scan) -> tuple[Domain, ...]:
    counts = by_domain(scan.hosts)
    found = [
        Domain(
            domain=domain,
            extracted=counts[EXTRACTED, domain],
            kept=counts[KEPT, domain],
            corpus=counts[CORPUS, domain],
            text_bytes=counts["bytes", domain],
        )
        for domain in {domain for _, domain in counts}
    ]
    return tuple(sorted(found, key=lambda each: (-each.corpus, -each.extracted, each.domain)))


def _duplicates(scan: Scan, these: tuple[Cluster, ...]) -> Duplicates:
    return Duplicates(
        clusters=scan.sizes.total(),
        documents=sum(size * count for size, count in scan.sizes.items()),
        sizes=tuple(sorted(scan.sizes.items())),
        similar=tuple((n / 100, count) for n, count in enumerate(scan.similar.tolist()) if count),
        largest=these,
    )


def _tokens(store: Store, versions: Ancestry) -> Tokens | None:
    manifest = versions.get("tokens")
    if manifest is None or not manifest.rows.get("documents"):
        return None

    def read() -> Iterator[Rows]:
        yield from aligned(store, versions.versions, {"tokens": ("tokens",)})

    lengths = drawn(read, {"tokens.tokens": "number"})[0]
    total = sum(pc.sum(rows.columns["tokens.tokens"]).as_py() or 0 for rows in read())
    rows, used = manifest.rows.get("rows", 0), 0
    for _, table in shards(store, manifest, "rows", ["used"]):
        used += pc.sum(table["used"]).as_py() or 0
    return Tokens(
        documents=lengths.documents,
        tokens=total,
        rows=rows,
        used=_share(manifest, used, rows),
        lengths=lengths,
    )


def _share(manifest: Manifest, used: int, rows: int) -> float | None:
    """How much of the rows' places hold tokens; None where the code here cannot tell."""
    try:
        stage = stage_of(KeyParts.from_json(manifest.parts))
    except BadRecipe:
        return None
    if not rows or not isinstance(stage, TrainTokens):
        return None
    return used / (rows * (stage.packing.context + 1))


def _version(store: Store, manifest: Manifest) -> Version:
    found = [store.find_receipt(each.stage, each.shard_key) for each in manifest.shards]
    receipts = [receipt for receipt in found if receipt]
    return Version(
        stage=manifest.stage,
        version=str(manifest.ref).partition("@")[2],
        shards=len(manifest.shards),
        stored_bytes=sum(file.size for receipt in receipts for file in receipt.every_file()),
        cpu_seconds=sum(receipt.cpu_seconds for receipt in receipts),
        digests=manifest.digests,
    )
