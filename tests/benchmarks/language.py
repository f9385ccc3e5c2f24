"""Languages told by us, by pycld2 and by langdetect: how often right, how fast, how sure.

    python -m tests.benchmarks.language [--langdetect 40] [--to build]

On NTREX's sentences and articles in 127 languages and variants (`ntrex.py` says how codes are
mapped), then on 1,000 single words and 1,000 word pairs in each of 79 languages, beside the
accuracies that lingua's authors publish for other detectors, and on documents that are partly in
another language. Accuracy is the mean over languages: over all of them, and over those a detector
can answer at all. Speed is process time on one thread, sentences of all languages mixed, the median
of five rounds that take turns; pycld2 is called with the same settings as in the pipeline and
nothing is done with its answer. langdetect takes 4 ms a sentence, so it sees every 40th. Writes
language.json and calibration.html; about three minutes.
"""

import argparse
import csv
import io
import json
import random
import statistics
import sys
import tarfile
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import langdetect
import pyarrow as pa
import pycld2

from pipeline.signals.detectors import language_of
from pipeline.signals.families.language import ONLY_LANGUAGE, Language
from pipeline.signals.profiles import profiles
from tests.benchmarks.calibration import calibration, plot
from tests.benchmarks.ntrex import ARCHIVE, Texts, halves, ntrex, pieces

WORDS = ARCHIVE.with_name("lingua_words.tar.gz")
PUBLISHED = ("cld2", "cld3", "langdetect", "langid", "lingua-low-accuracy", "lingua-high-accuracy")
OTHER_NAMES = {"nb": "no"}  # lingua's code for Norwegian Bokmål
ROUNDS, OF_ROUND = 5, 5_000
_MIXED = "ar cs de en es fr it ja ko nl pl pt ru sv tr vi zh"
MIXED = tuple(_MIXED.split())
PAIRS, SHARES = 4_000, (0.5, 0.7, 0.8, 0.9)
Answers = list[str | None]


def ours(texts: list[str]) -> list[tuple[str | None, float]]:
    """The language and the confidence of each text."""
    column = pa.array(texts, pa.large_string())
    batch = {"text": column, "declared_language": pa.nulls(len(texts), pa.string())}
    found = Language().measure(pa.record_batch(batch))
    return list(zip(found["language"].to_pylist(), found["confidence"].to_pylist(), strict=True))


def _ours(texts: list[str]) -> Answers:
    return [language for language, _ in ours(texts)]


def by_pycld2(texts: list[str]) -> Answers:
    """CLD2's first answer."""
    found = []
    for text in texts:
        try:
            _, _, details = pycld2.detect(text.encode(), isPlainText=True, bestEffort=True)
            found.append(language_of(details[0][1]))
        except pycld2.error:  # a character that it does not take
            found.append(None)
    return found


def by_langdetect(texts: list[str]) -> Answers:
    """langdetect's first answer, seeded."""
    langdetect.DetectorFactory.seed = 0
    found = []
    for text in texts:
        try:
            found.append(language_of(langdetect.detect(text)))
        except langdetect.lang_detect_exception.LangDetectException:  # no letters
            found.append(None)
    return found


@cache
def supported(by: str) -> frozenset[str]:
    """The languages that a detector can answer."""
    codes = dict(pycld2.LANGUAGES)
    detected = {language_of(codes[name]) for name in pycld2.DETECTED_LANGUAGES if name in codes}
    detected = {language for language in detected if language} | {"ja", "ko", "zh"}
    langdetect.detector_factory.init_factory()
    shipped = {language_of(name) for name in langdetect.detector_factory._factory.langlist}
    both = detected | set(profiles().languages) | set(ONLY_LANGUAGE.values())
    return frozenset({"pycld2": detected, "langdetect": shipped, "ours": both}[by])


DETECTORS: dict[str, Callable[[list[str]], Answers]] = {
    "ours": _ours,
    "pycld2": by_pycld2,
    "langdetect": by_langdetect,
}


def accuracy(texts: Iterable[Texts], every: int) -> dict[str, Any]:
    """Of each detector, by kind of text: the mean over all languages, and over its own."""
    right: dict[str, dict[str, list[tuple[str, float]]]] = {}
    for each in texts:
        for name, ask in DETECTORS.items():
            asked = each.texts[:: every if name == "langdetect" else 1]
            told = sum(answer == each.language for answer in ask(asked)) / len(asked)
            right.setdefault(each.kind, {}).setdefault(name, []).append((each.language, told))
    return {
        kind: {
            "all": {name: _mean(rows) for name, rows in of.items()},
            **{
                f"of_{by}": {name: _mean(rows, supported(by)) for name, rows in of.items()}
                for by in DETECTORS
            },
            "by_language": {name: sorted(rows) for name, rows in of.items()},
        }
        for kind, of in right.items()
    }


def _mean(rows: list[tuple[str, float]], languages: frozenset[str] | None = None) -> float:
    return statistics.fmean(
        share for language, share in rows if languages is None or language in languages
    )


def speed(sentences: list[str]) -> dict[str, float]:
    """Sentences a second of process time."""
    random.Random(0).shuffle(sentences)
    tried = sentences[: OF_ROUND * ROUNDS]
    rates: dict[str, list[float]] = {"ours": [], "pycld2": []}
    for name in rates:
        DETECTORS[name](tried[:100])
    for start in range(0, len(tried), OF_ROUND):
        part = tried[start : start + OF_ROUND]
        for name, found in rates.items():
            began = time.process_time()
            DETECTORS[name](part)
            found.append(len(part) / (time.process_time() - began))
    return {name: statistics.median(found) for name, found in rates.items()}


def words(archive: Path = WORDS) -> tuple[list[Texts], dict[str, dict[str, float]]]:
    """lingua's words and word pairs, and the published mean accuracies of other detectors."""
    texts, published = [], {}
    with tarfile.open(archive) as opened:
        for member in sorted(opened, key=lambda member: member.name):
            path, read = Path(member.name), opened.extractfile(member)
            if read is None:
                continue
            text = read.read().decode()
            if path.parent.name in ("single-words", "word-pairs"):
                language = OTHER_NAMES.get(path.stem, path.stem)
                texts.append(Texts(path.stem, language, path.parent.name, text.splitlines()))
            elif path.suffix == ".csv":
                rows = list(csv.DictReader(io.StringIO(text)))
                published[path.stem.removesuffix("-accuracy-values")] = {
                    name: _published(rows, name) for name in PUBLISHED if name in rows[0]
                }
    return texts, published


def _published(rows: list[dict[str, str]], name: str) -> float:
    return statistics.fmean(float(r[name]) / 100 for r in rows if r[name] not in ("NaN", ""))


def confidences(texts: Iterable[Texts]) -> dict[str, list[tuple[str, float, bool]]]:
    """Of the half that took no part in the fit, by kind: language, confidence, whether right."""
    found: dict[str, list[tuple[str, float, bool]]] = {}
    for each in texts:
        for part in (each, *(pieces(each) if each.kind == "sentences" else ())):
            _, held_out = halves(part)
            if held_out.texts:
                rows = ours(held_out.texts)
                found.setdefault(part.kind, []).extend(
                    (each.language, sure, language == each.language) for language, sure in rows
                )
    return found


def mixed(texts: Iterable[Texts]) -> dict[str, dict[str, float]]:
    """Of documents in two languages, by the share of the first: how often both are told; error.

    4,000 pairs of articles in two of 17 languages, the second cut so that the first has its share
    of the bytes; the error is of the second's share, on average.
    """
    articles = {
        each.language: each.texts
        for each in texts
        if each.kind == "documents" and each.language in MIXED
    }
    chance = random.Random(1)
    rows: dict[str, list[tuple[bool, float]]] = {}
    for _ in range(PAIRS):
        languages, share = chance.sample(sorted(articles), 2), chance.choice(SHARES)
        first, second = (chance.choice(articles[language]).encode() for language in languages)
        second = second[: int(len(first) * (1 - share) / share)]
        text = first.decode() + "\n" + second.decode(errors="ignore")
        column = pa.array([text], pa.large_string())
        batch = {"text": column, "declared_language": pa.nulls(1, pa.string())}
        (parts,) = Language().measure(pa.record_batch(batch))["languages"].to_pylist()
        told = {part["language"]: part["share"] for part in parts}
        error = abs(told.get(languages[1], 0) - len(second) / len(text.encode()))
        rows.setdefault(str(share), []).append((set(languages) <= set(told), error))
    return {
        share: {
            "both": statistics.fmean(both for both, _ in found),
            "error": statistics.fmean(error for _, error in found),
        }
        for share, found in sorted(rows.items())
    }


def main() -> None:
    """Measure all, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--langdetect", type=int, default=40, help="it sees every so many texts")
    parser.add_argument("--to", type=Path, default=Path("build"), help="a folder")
    given = parser.parse_args()
    texts = list(ntrex())
    spoken, published = words()
    result: dict[str, Any] = {
        "sentences_a_second": speed(
            [line for each in texts if each.kind == "sentences" for line in each.texts]
        ),
        "accuracy": accuracy([*texts, *spoken], given.langdetect),
        "published": published,
    }
    result["mixed"] = mixed(texts)
    held_out = confidences(texts)
    result["calibration"] = {
        group: {kind: calibration(rows, languages) for kind, rows in held_out.items()}
        for group, languages in (("all", None), ("supported", supported("ours")))
    }
    given.to.mkdir(parents=True, exist_ok=True)
    (given.to / "language.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (given.to / "calibration.html").write_text(plot(result["calibration"]), encoding="utf-8")
    _show(result)


def _show(result: dict[str, Any]) -> None:
    _line("sentences a second", {k: round(v) for k, v in result["sentences_a_second"].items()})
    for kind, groups in result["accuracy"].items():
        for group, means in groups.items():
            if group != "by_language":
                _line(f"{kind:12} {group:13}", {k: round(v, 4) for k, v in means.items()})
    for kind, means in result["published"].items():
        _line(f"{kind:12} published    ", {k: round(v, 4) for k, v in means.items()})
    for share, found in result["mixed"].items():
        _line(f"two languages, {share} of the first", {k: round(v, 3) for k, v in found.items()})
    for group, kinds in result["calibration"].items():
        for kind, found in kinds.items():
            _line(f"expected calibration error, {group}, {kind}: {found['error']:.4f}")


def _line(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


if __name__ == "__main__":
    main()
