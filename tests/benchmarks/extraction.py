"""Extraction against its peers, in quality and speed: `python -m tests.benchmarks.extraction`.

WCXB's development pages, word F1 as its README defines it, pages a second of process time. Ours is
judged by forests that have seen no page of a page's site (five folds); its speed is that of the
forest that ships. trafilatura and resiliparse run as people run them; `--modes` adds trafilatura's
fast and precise ones. `--every 10` takes every tenth page. Readability's test pages
(../shared/data/extraction/readability.tar.gz), on which nothing was trained, are a second test.
Prints JSON.
"""

import argparse
import json
import platform
import statistics
import sys
import tarfile
import time
from importlib.metadata import version

from lxml.html import fromstring

from pipeline.extract.extractor import Extractor
from pipeline.extract.page.read import read_page
from tests.benchmarks import wcxb
from tests.benchmarks.extraction_model import cross_validated, fold_of

PEERS = {"resiliparse": "resiliparse", "trafilatura": "trafilatura"}
MODES = {
    "trafilatura, fast": {"kind": "trafilatura", "fast": True},
    "trafilatura, precise": {"kind": "trafilatura", "favour": "precision"},
}


def readability_pages():
    """The HTML and expected text of Readability's own test pages, by name."""
    found = {}
    with tarfile.open(wcxb.DATA / "readability.tar.gz") as archive:
        for member in archive:
            *_, name, file = ["", *member.name.split("/")]
            if file in ("source.html", "expected.html"):
                content = archive.extractfile(member).read().decode("utf-8", "replace")
                found.setdefault(name, {})[file] = content
    return [
        (pair["source.html"], fromstring(pair["expected.html"]).text_content())
        for _, pair in sorted(found.items())
        if len(pair) == 2 and pair["expected.html"].strip()
    ]


def timed(call, pages):
    """What `call` gives for each page, and pages a process second."""
    call("<p>warm</p>")
    began = time.process_time()
    texts = [call(page) for page in pages]
    return texts, round(len(pages) / (time.process_time() - began), 1)


def by_kind(scores, pages):
    """The mean F1 of all, and of every page type."""
    kinds = sorted({page.kind for page in pages})
    means = {
        kind: statistics.mean(
            score for score, page in zip(scores, pages, strict=True) if page.kind == kind
        )
        for kind in kinds
    }
    return {
        name: round(mean, 3) for name, mean in {"all": statistics.mean(scores), **means}.items()
    }


def scored(texts, truths):
    return [wcxb.word_f1(text, truth) for text, truth in zip(texts, truths, strict=True)]


def main():
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--every", type=int, default=1, help="take one page of so many")
    asked.add_argument("--modes", action="store_true", help="trafilatura's other modes as well")
    options = asked.parse_args()
    pages = wcxb.pages()[:: options.every]
    others = readability_pages()
    sources, truths = [page.html for page in pages], [page.truth for page in pages]
    forests = cross_validated(wcxb.pages())
    unseen = [read_page(page.html, 1, forests[fold_of(page)])[0] for page in pages]
    report = {"main_text": {"f1": by_kind(scored(unseen, truths), pages)}}
    extractors = {"main_text": "main_text", **PEERS, **(MODES if options.modes else {})}
    for name, kind in extractors.items():
        extractor = Extractor.parse(kind)
        texts, speed = timed(lambda page, by=extractor: by.extract(page, "").text, sources)
        row = report.setdefault(name, {"f1": by_kind(scored(texts, truths), pages)})
        row["pages_a_second"] = speed
        given = [extractor.extract(page, "").text for page, _ in others]
        row["f1_readability"] = round(
            statistics.mean(scored(given, [text for _, text in others])), 3
        )
        sys.stderr.write(f"{name}: {row}\n")
    report["pages"] = len(pages)
    report["versions"] = {
        name: version(name) for name in ("trafilatura", "resiliparse", "numba", "lxml")
    } | {"python": platform.python_version()}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
