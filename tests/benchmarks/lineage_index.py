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
from tests.benchmarks.made_store import LARGE, Made, make, some_documents


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


def line(store: Store, made: Made):
    """The model, and what it stands on."""
    return ancestry(store, store.open(made.model))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=int, default=8_000_000)
    parser.add_argument("--versions", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the store is made, and left")
    given = parser.parse_args()
    folder = given.folder or Path(mkdtemp(prefix="lineage-index-"))
    try:
        sys.stdout.write(json.dumps(measured(given, folder), indent=1) + "\n")
    finally:
        if not given.folder:
            shutil.rmtree(folder)


def measured(given, folder: Path) -> dict:
    began = time.perf_counter()
    made = make(folder, given.facts, given.versions)
    making = time.perf_counter() - began
    began = time.perf_counter()
    index = Index.of(made.store)
    building = time.perf_counter() - began
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    rows = sum(reader.segment.rows for reader in index._readers)
    times = {}
    for name, ask in questions(made, some_documents(made)).items():
        took, cpu = [], []
        for _ in range(given.times):
            began, spent = time.perf_counter(), time.process_time()
            ask(Index.of(Store.at(folder)))
            took.append(time.perf_counter() - began)
            cpu.append(time.process_time() - spent)
        times[name] = {
            "median": round(statistics.median(took), 3),
            "slowest": round(max(took), 3),
            "cpu": round(statistics.median(cpu), 3),
        }
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


if __name__ == "__main__":
    main()
