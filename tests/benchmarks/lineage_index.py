"""Every lineage question on eight million facts: `python -m tests.benchmarks.lineage_index`.

A store is made of made-up rows: pages of many domains, one of them with a quarter of all, what a
policy and the clusters dropped, a corpus, packed rows, a thousand versions. The index is built;
each question is asked several times, each time of an index opened anew, as a command does. Prints
JSON.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from flows.lineage.taking_down import again, holding, newest
from flows.terminal.impact import impact_json
from pipeline.lineage.affected import by_package, by_rule, with_descendants
from pipeline.lineage.ancestry import ancestry
from pipeline.lineage.family import family
from pipeline.lineage.impact import impact, impact_of_version
from pipeline.lineage.index.index import Index
from pipeline.lineage.places import Place
from pipeline.lineage.story import stories
from pipeline.lineage.why_not import why_not
from pipeline.sites import Subject
from pipeline.store import Store
from tests.benchmarks.made_lines import made_lines, refreshed
from tests.benchmarks.made_store import LARGE, Made, some_documents

REFRESHED = 2_000  # documents of a small refresh


def questions(made: Made, documents: list[dict]):
    """Name -> what is asked of an index that has just been opened."""
    one = documents[0]
    store = made.store
    return {
        "trace of a URL": lambda ix: stories(
            store, line(store, made), [Place(one["shard"], one["doc_id"], one["url"], "")], index=ix
        ),
        "lineage of a model, up and down": lambda ix: family(ix, [made.model], up=True, down=True),
        "impact of a URL": lambda ix: impact_json(impact(ix, Subject.address(one["url"])), store),
        "impact of a rare domain": lambda ix: impact_json(
            impact(ix, Subject.domain("site-77.example")), store
        ),
        "impact of a domain with a quarter of all": lambda ix: impact_json(
            impact(ix, Subject.domain(LARGE)), store
        ),
        "takedown --plan of a rare domain": lambda ix: plan(ix, Subject.domain("site-77.example")),
        "takedown --plan of a domain with a quarter of all": lambda ix: plan(
            ix, Subject.domain(LARGE)
        ),
        "impact of a version": lambda ix: impact_json(
            impact_of_version(ix, store.open(made.model).inputs["tokens"]), store
        ),
        "affected by a package": lambda ix: with_descendants(ix, by_package(ix, "pyarrow==26.0.1")),
        "affected by a rule": lambda ix: with_descendants(ix, by_rule(ix, "word_count")),
        "why-not of a dropped URL": lambda ix: why_not(
            ix, Subject.address(documents[1]["url"]), line(store, made)
        ),
        "why-not of a URL that was only linked": lambda ix: why_not(
            ix, Subject.address("https://elsewhere-0-10.example/"), line(store, made)
        ),
        "why-not of an unknown URL": lambda ix: why_not(
            ix, Subject.address("https://nowhere.example/x"), line(store, made)
        ),
    }


def plan(index: Index, subject: Subject):
    """What `takedown --plan` looks up: what it reaches, what gives way, what runs again."""
    held = holding(index, subject)
    reached = impact_json(impact(index, subject), index.store)
    return reached, held, [each for one in newest(held) for each in again(index.store, one)]


def line(store: Store, made: Made):
    """The model, and what it stands on."""
    return ancestry(store, store.open(made.model))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=int, default=8_000_000)
    parser.add_argument("--versions", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where it is made, and left for next time")
    given = parser.parse_args()
    folder = given.folder or Path(mkdtemp(prefix="lineage-index-"))
    try:
        sys.stdout.write(json.dumps(measured(given, folder), indent=1) + "\n")
    finally:
        if not given.folder:
            shutil.rmtree(folder)


def measured(given, folder: Path) -> dict:
    began = time.perf_counter()
    made = made_lines(folder, given.facts, given.versions)
    making = time.perf_counter() - began
    began = time.perf_counter()
    index = Index.of(made.store)
    building = time.perf_counter() - began
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    rows = sum(reader.segment.rows for reader in index._readers)
    times = {
        name: timed(lambda ask=ask: ask(Index.of(Store.at(folder))), given.times)
        for name, ask in questions(made, some_documents(made)).items()
    }
    numbers = iter(range(int(time.time()), 2**62))  # shards that no earlier time has made
    times[f"first answer after a refresh of {REFRESHED:,} documents"] = timed(
        lambda: impact(Index.of(Store.at(folder)), Subject.domain("site-77.example")),
        given.times,
        before=lambda: refreshed(made, next(numbers) % 40_000, REFRESHED),
    )
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "facts": rows,
        "versions": len(index.versions),
        "segments": len(index._readers),
        "bytes_per_fact": round(size / rows, 1),
        "seconds_making_the_store": round(making, 1),
        "seconds_building": round(building, 1),
        "load": round(os.getloadavg()[0], 1),  # others at work on the machine
        "seconds": times,
    }


def timed(ask, times, before=lambda: None) -> dict:
    """Seconds of several times, and of processor; what is done before each is not counted."""
    took, cpu = [], []
    for _ in range(times):
        before()
        began, spent = time.perf_counter(), time.process_time()
        ask()
        took.append(time.perf_counter() - began)
        cpu.append(time.process_time() - spent)
    return {
        "median": round(statistics.median(took), 3),
        "slowest": round(max(took), 3),
        "cpu": round(statistics.median(cpu), 3),
    }


if __name__ == "__main__":
    main()
