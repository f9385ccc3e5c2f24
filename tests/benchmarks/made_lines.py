"""Versions of made-up shards: lines from pages to a model, named and not, and refreshes."""

from pathlib import Path

import numpy as np

from pipeline.run.history import runs
from pipeline.storage.references import References
from pipeline.store import Store
from ray_jobs.stages import Pretrain
from schemas.artifact import ArtifactRef
from schemas.cluster import CLUSTERS
from schemas.page import PAGES
from schemas.run import Run, StageRun
from schemas.tokens import ROW_MAP
from schemas.verdict import VERDICTS
from tests.benchmarks.made_store import SHARD_DOCUMENTS, Made, make, one_shard

NAME = "web"
STAGES = 6  # of a line


def made_lines(folder: Path, facts: int, versions: int) -> Made:
    """A store with about so many facts and versions; the one that lies there, where one does."""
    if (folder / "store.json").exists():
        return found(folder)
    made = make(folder, facts)
    shards, made.shards = made.shards, {}
    for number in range(1, max(1, versions // STAGES)):
        a_line(made, number)
    made.shards = shards
    line = a_line(made, 0)
    _name(made.store, line)
    made.model = line["model"]
    return made


def found(folder: Path) -> Made:
    """The store that `made_lines` has left."""
    made = Made(folder)
    log = runs(made.store, NAME)
    stages = log.get(log.numbers()[0]).stages
    made.model = stages["model"].ref
    made.shards = {
        name: list(made.store.open(stage.ref).shards)
        for name, stage in stages.items()
        if name != "model"
    }
    return made


def refreshed(made: Made, number: int, documents: int) -> None:
    """A refresh: one more shard of every stage, and a line that holds it and all before it."""
    random = np.random.default_rng(number)
    one_shard(made, random, 10**8 + number * SHARD_DOCUMENTS, documents, large=False)
    a_line(made, 10**6 + number)


def a_line(made: Made, number: int) -> dict[str, ArtifactRef]:
    """A version of every stage, of the shards that there are."""
    columns = {
        "pages": {f"pages.{f.name}": "x" for f in PAGES if f.metadata},
        "verdicts": {f"verdicts.{n}": "x" for n in VERDICTS.names},
        "clusters": {f"clusters.{n}": "x" for n in CLUSTERS.names},
        "corpus": {"corpus.url": "x"},
        "tokens": {f"row_map.{n}": "x" for n in ROW_MAP.names},
    }
    config = {
        "pages": {"source": {"seeds": [f"https://{number}.example/"]}},  # nobody else's place
        "verdicts": {"rules": [{"kind": "word_count"}]},
        "model": Pretrain(steps=200_000, rows_per_step=64).config(),
    }
    reads = {
        "pages": {},
        "verdicts": {"documents": "pages"},
        "clusters": {"verdicts": "verdicts", "pages": "pages"},
        "corpus": {"clusters": "clusters"},
        "tokens": {"corpus": "corpus"},
        "model": {"tokens": "tokens"},
    }
    line: dict[str, ArtifactRef] = {}
    for stage, roles in reads.items():
        inputs = {role: line[read] for role, read in roles.items()}
        line[stage] = made.version(stage, inputs, config.get(stage), columns.get(stage), number)
    return line


def _name(store: Store, line: dict[str, ArtifactRef]) -> None:
    """Name the versions of a line, and write down the run that made them."""
    when = "2026-11-22T00:00:00+00:00"
    for ref in line.values():
        References(store).record(NAME, ref, who="ann", why="made")
    stages = {
        stage: StageRun(ref=ref, units_made=1, shards=1, wall_seconds=1, reused=False)
        for stage, ref in line.items()
    }
    run = Run(
        recipe=NAME,
        window=when,
        started=when,
        ended=when,
        requested_by="ann",
        reason="",
        command="",
        stages=stages,
    )
    runs(store, NAME).append(lambda _: run)
