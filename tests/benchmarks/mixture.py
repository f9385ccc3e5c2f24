"""What a mixture costs, and what it leaves: `python -m tests.benchmarks.mixture`.

Makes up the thin columns of documents in 60 languages and 20,000 domains, both with the long tails
that the web has (Zipf), and mixes them as the stage `mixture` does: sources of addresses, quotas,
the draw, the rows of its table. Prints JSON: for 1, 4 and 16 times the documents the median of
processor seconds, and how many documents a second of it that is; then what each of some languages
keeps under a temperature, beside cutting all languages alike.
"""

import argparse
import json
import platform
import statistics
import sys
import time

import numpy as np
import pyarrow as pa

from pipeline.shard.mixing import Mixed
from pipeline.shard.mixture import Mixture
from pipeline.shard.mixture_rows import Records, rows_of
from pipeline.shard.sources import sources_of

LANGUAGES, DOMAINS = 60, 20_000
ASKED = Mixture(temperature=0.3, keep_share=0.5, most_share=0.5, most_of_source=2_000_000)
ALIKE = Mixture(keep_share=0.5)


def made(count: int) -> pa.Table:
    """doc_id, keep, letters, language and url of documents; one in ten has left before."""
    random = np.random.default_rng(5)
    ids = random.bytes(16 * count)
    language = np.minimum(random.zipf(1.6, count), LANGUAGES)
    domain = np.minimum(random.zipf(1.3, count), DOMAINS)
    urls = [f"https://www.site{d}.example/{n}" for n, d in enumerate(domain.tolist())]
    return pa.table(
        {
            "doc_id": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), count, [None, pa.py_buffer(ids)]
            ),
            "keep": random.random(count) > 0.1,
            "letters": random.lognormal(7.5, 1, count).astype(np.int32),
            "language": [f"l{n:02d}" for n in language.tolist()],
            "url": urls,
        }
    )


def mixed(documents: pa.Table, mixture: Mixture) -> tuple[pa.Table, Mixed]:
    """The table of the stage, and what became of the documents that were there."""
    source = sources_of(documents["url"].combine_chunks(), mixture.sources)
    records = Records(documents.drop("url").append_column("source", source), {})
    present = records.table.filter(pa.array(records.present()))
    found = mixture.mixed(present, present["letters"].to_numpy().astype(np.int64))
    return rows_of(records, found), found


def seconds(documents: pa.Table, times: int) -> float:
    """Of the processor, the median."""
    took = []
    for _ in range(times):
        began = time.process_time()
        mixed(documents, ASKED)
        took.append(time.process_time() - began)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    cost = {}
    for factor in (1, 4, 16):
        documents = made(given.documents * factor)
        took = seconds(documents, given.times)
        per_second = round(documents.num_rows / took)
        cost[documents.num_rows] = {"seconds": round(took, 3), "documents_a_second": per_second}
    kept = {}
    for name, mixture in (("temperature 0.3", ASKED), ("alike", ALIKE)):
        cut = mixed(documents, mixture)[1].by_language
        kept[name] = dict(zip(cut.names, cut.shares().round(4).tolist(), strict=True))
    shown = {each: {name: kept[name][each] for name in kept} for each in (*cut.names[:12:3], "l59")}
    json.dump({"machine": platform.platform(), "cost": cost, "kept": shown}, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
