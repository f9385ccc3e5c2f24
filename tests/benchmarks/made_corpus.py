"""A made-up corpus with everything that a report shows: texts, signals, verdicts, clusters, tokens.

Written past the stages, as in `made_store`. Signals are drawn at random, so that each lies about
its threshold; the verdicts are those that the rules give for them.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.recipe import Recipe, parse_recipe
from pipeline.select.policy import verdicts
from pipeline.shard.tokens import TOKEN_COUNTS
from pipeline.signals.families.private_data import KIND_NAMES, SPAN
from schemas.artifact import Account, ArtifactRef, Tally
from schemas.cluster import CLUSTERS
from schemas.column import groups
from schemas.corpus import CORPUS
from schemas.document import DOCUMENTS
from schemas.page import PAGES
from schemas.tokens import ROW_MAP, ROWS
from schemas.verdict import VERDICTS
from tests.benchmarks.made_store import Made, filled, ledger

SHARD_DOCUMENTS = 10_000
LANGUAGES = (
    *("en", "de", "fr", "ja", "zh", "es", "ko", "tr", "ru", "pt", "it", "pl", "nl", "sv"),
    None,
)
RULES = (
    *("empty_text", "word_count", "mean_word_length", "symbol_ratio", "bullet_lines"),
    *("ellipsis_lines", "alphabetic_words", "stop_words", "duplicate_lines", "top_ngrams"),
    *("duplicate_ngrams", "terminal_punctuation", "short_lines", "lorem_ipsum", "private_data"),
    {"kind": "languages", "keep": [each for each in LANGUAGES if each and each != "sv"]},
)
EMAIL = "ann.smith@web.de"


def recipe(store: str) -> Recipe:
    """The recipe that such a corpus would be of."""
    return parse_recipe(
        {
            "name": "made",
            "pages": {"source": {"kind": "jsonl_files", "paths": ["pages.jsonl"]}},
            "verdicts": {"rules": list(RULES)},
            "runtime": {"store": store},
        },
        "the made recipe",
    )


def make(folder: Path, documents: int, characters: int = 3_500) -> tuple[Made, ArtifactRef]:
    """A store with one version of every stage up to the tokens; gives the last one."""
    made, asked = Made(folder), recipe(str(folder))
    random = np.random.default_rng(11)
    soup = _soup(random, min(max(60_000, 50 * documents), 5_000_000))
    sums: dict[str, list[int]] = {}
    for start in range(0, documents, SHARD_DOCUMENTS):
        count = min(SHARD_DOCUMENTS, documents - start)
        _one_shard(made, asked, random, (start, count), soup, characters, sums)
    return made, _versions(made, asked, sums)


def _soup(random: np.random.Generator, count: int) -> str:
    """Made words, to cut texts from."""
    letters = np.array(list("etaoinshrdlucmfwypvbg"))
    words = ["".join(random.choice(letters, size)) for size in random.integers(2, 9, 20_000)]
    chosen = np.minimum(random.zipf(1.3, count), len(words)) - 1
    return " ".join(words[n] for n in chosen.tolist())


def _one_shard(made, asked, random, place, soup, characters, sums) -> None:
    start, count = place
    name = f"shard-{start:09d}"
    raw = random.bytes(16 * count)
    ids = pa.array([raw[i : i + 16] for i in range(0, len(raw), 16)], pa.binary(16))
    domains = np.minimum(random.zipf(1.4, count), 5_000)
    urls = pa.array(
        [f"https://www.site-{d}.example/a/{start + n}.html" for n, d in enumerate(domains)]
    )
    sizes = np.clip(random.lognormal(np.log(characters), 1.0, count).astype(int), 20, 200_000)
    starts = random.integers(0, len(soup) - 200_000, count)
    private = random.random(count) < 0.05
    texts = [
        (f"{EMAIL} " if mail else "") + soup[at : at + size]
        for at, size, mail in zip(starts.tolist(), sizes.tolist(), private.tolist(), strict=True)
    ]
    titles = pa.array([f"Page {start + n}" for n in range(count)])
    window = pa.repeat("2026-11-22T00:00:00Z", count)
    pages = filled(PAGES, count, doc_id=ids, url=urls, window=window)
    made.shard("pages", name, "pages", {"pages": pages})
    documents = filled(
        DOCUMENTS,
        count,
        doc_id=ids,
        url=urls,
        title=titles,
        text=pa.array(texts, pa.large_string()),
    )
    made.shard("documents", name, "documents", {"documents": documents})
    signals = {}
    for family, stage in asked.family_stages().items():
        table = _signals(stage.tables()["signals"], random, ids, np.array([*map(len, texts)]))
        if family == "private_data":
            table = _private(table, private)
        made.shard(f"signals.{family}", name, "signals", {"signals": table})
        signals |= {f"{family}.{c}": table[c].combine_chunks() for c in table.column_names}
    judged = verdicts(asked.verdicts.rules, signals, ids, pa.array([True] * count))
    drops = judged.filter(pc.is_valid(judged["rule"]))
    gone = np.flatnonzero(judged["rule"].is_valid().to_numpy())
    made.shard(
        "verdicts",
        name,
        "verdicts",
        {
            "verdicts": judged.cast(pa.schema([f.with_nullable(True) for f in VERDICTS])),
            "ledger": _ledger(ids, gone, drops),
        },
    )
    for rule, dropped in _counted(drops["rule"]).items():
        sums.setdefault(f"verdicts.{rule}", []).append(dropped)
    keep = judged["keep"].to_numpy(zero_copy_only=False).astype(bool)
    clusters, alike = _clusters(random, ids, keep)
    made.shard(
        "clusters",
        name,
        "clusters",
        {
            "clusters": clusters,
            "ledger": ledger(ids, alike, "near", clusters["kept"].combine_chunks().take(alike)),
        },
    )
    sums.setdefault("clusters.near", []).append(len(alike))
    sums.setdefault("documents", []).append(count)
    stays = pa.array(np.flatnonzero(clusters["keep"].fill_null(False).to_numpy()))
    _kept(made, name, documents.take(stays), signals["language.language"].take(stays))
    sums.setdefault("corpus", []).append(len(stays))


def _ledger(ids, gone, drops) -> pa.Table:
    table = ledger(ids, gone, "rule")
    for name in ("rule", "value", "threshold"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), drops[name].combine_chunks())
    return table


def _signals(schema, random, ids, characters) -> pa.Table:
    count = len(ids)
    columns = {"doc_id": ids, "measured": pa.array([True] * count)}
    for field in schema:
        if pa.types.is_floating(field.type):
            columns[field.name] = pa.array(random.beta(1.2, 40, count))
        elif pa.types.is_integer(field.type):
            columns[field.name] = pa.array(random.poisson(0.01, count)).cast(field.type)
    for name, values in {
        "characters": characters,
        "words": characters // 6,
        "lines": characters // 60,
        "line_ends": characters // 50,
        "stop_words": random.poisson(12, count),
        "english_stop_words": random.poisson(6, count),
        "mean_word_length": random.normal(5, 1.2, count),
        "alphabetic_words": 1 - random.beta(1.2, 30, count),
        "full_stop_lines": random.beta(4, 2, count),
        "unsegmented": random.beta(0.1, 9, count),
        "confidence": random.beta(9, 1, count),
        "language": random.choice(np.array(LANGUAGES, object), count, p=_falling(len(LANGUAGES))),
    }.items():
        if name in schema.names:
            columns[name] = pa.array(values, from_pandas=True).cast(schema.field(name).type)
    return filled(schema, count, **columns)


def _falling(count):
    share = 1 / np.arange(1, count + 1)
    return share / share.sum()


def _private(table, private) -> pa.Table:
    span = {"start": 0, "stop": len(EMAIL), "kind": "email"}
    columns = {
        "spans": pa.array([[span] if mail else [] for mail in private], pa.list_(SPAN)),
        "title_spans": pa.array([[] for _ in private], pa.list_(SPAN)),
        **{kind: pa.array(private if kind == "email" else private & False) for kind in KIND_NAMES},
    }
    for name, column in columns.items():
        field = table.schema.field(name)
        cast = column if name.endswith("spans") else column.cast(pa.int32())
        table = table.set_column(table.schema.get_field_index(name), field, cast)
    return table


def _clusters(random, ids, keep):
    """A tenth of the kept documents are near copies of some that stay."""
    here = np.flatnonzero(keep)
    alike = np.sort(random.choice(here, len(here) // 10, replace=False))
    stays = np.setdiff1d(here, alike)
    of = stays[np.minimum(random.zipf(1.5, len(alike)), len(stays)) - 1]
    head = np.arange(len(keep))
    head[alike] = of
    size = np.bincount(head[here], minlength=len(keep))[head].astype(np.int32)
    outside = ~keep
    left = np.isin(np.arange(len(keep)), alike)
    return filled(
        CLUSTERS,
        len(keep),
        doc_id=ids,
        keep=pa.array(~left, mask=outside),
        reason=pa.array(np.where(left, "near", None).astype(object), pa.string()),
        kept=ids.take(pa.array(head, mask=~left)),
        similarity=pa.array(random.uniform(0.8, 1, len(keep)).astype(np.float32), mask=~left),
        cluster=ids.take(pa.array(head, mask=outside)),
        size=pa.array(size, mask=outside),
    ), alike


def _kept(made, name, kept, languages) -> None:
    count = kept.num_rows
    split = pa.array(["train"] * count)
    columns = {c: kept[c].combine_chunks() for c in ("doc_id", "url", "title", "text")}
    corpus = filled(CORPUS, count, **columns, language=languages, split=split)
    made.shard("corpus", name, "corpus", {"corpus": corpus})
    size = pc.binary_length(kept["text"]).combine_chunks()
    tokens = pc.add(pc.divide(size, 4), 1).cast(pa.int32())
    made.shard(
        "tokens",
        name,
        "documents",
        {
            "documents": filled(TOKEN_COUNTS, count, doc_id=columns["doc_id"], tokens=tokens),
            "row_map": filled(
                ROW_MAP,
                count,
                doc_id=columns["doc_id"],
                start=pa.array(np.zeros(count, np.int32)),
                stop=pc.add(tokens, 1).cast(pa.int32()),
                text_bytes=size.cast(pa.int32()),
                language=languages,
            ),
            "rows": filled(ROWS, count, used=pa.array(np.full(count, 257, np.int32))),
        },
    )


def _counted(column) -> dict[str, int]:
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()}


def _versions(made: Made, asked: Recipe, sums) -> ArtifactRef:
    total = {name: sum(parts) for name, parts in sums.items()}
    documents = total["documents"]
    by_rule = {k.partition(".")[2]: n for k, n in total.items() if k.startswith("verdicts.")}
    kept = documents - sum(by_rule.values())
    unique = total["corpus"]

    def version(stage, made_by, inputs, rows, dropped=0, drops=None) -> ArtifactRef:
        columns = {
            f"{table}.{column}": group
            for table, schema in made_by.tables().items()
            for group, names in groups(schema).items()
            for column in names
        }
        columns |= {f"{table}.doc_id": "doc_id" for table in made_by.tables() if table != "rows"}
        return made.version(
            stage,
            inputs,
            made_by.model_dump(mode="json", exclude_defaults=True),
            columns,
            rows=rows,
            drops=drops or {},
            account=_account(next(iter(rows.values())), dropped),
        )

    pages = version("pages", asked.pages, {}, {"pages": documents})
    docs = version("documents", asked.documents, {"pages": pages}, {"documents": documents})
    families = {
        family: version(stage.name(), stage, {"documents": docs}, {"signals": documents})
        for family, stage in asked.family_stages().items()
    }
    judged = version(
        "verdicts",
        asked.verdicts,
        {"documents": docs, **families},
        {"verdicts": documents, "ledger": documents - kept},
        documents - kept,
        by_rule,
    )
    clusters = version(
        "clusters",
        asked.clusters,
        {"pages": pages, "verdicts": judged},
        {"clusters": documents},
        documents - unique,
        {"near": kept - unique},
    )
    inputs = {"documents": docs, "clusters": clusters, "verdicts": judged}
    inputs |= {family: families[family] for family in ("language", "private_data")}
    corpus = version("corpus", asked.corpus, inputs, {"corpus": unique})
    rows = {"documents": unique, "rows": unique, "row_map": unique}
    return version("tokens", asked.train_tokens(), {"corpus": corpus}, rows)


def _account(entered: int, dropped: int) -> Account:
    none = "0" * 64
    return Account(
        entered=Tally(count=entered, digest=none),
        kept=Tally(count=entered - dropped, digest=none),
        dropped=Tally(count=dropped, digest=none),
        quarantined=Tally(count=0, digest=none),
    )
