"""A stage that learns what good text is from made examples."""

import gzip
import json
import random

from pipeline.signals.quality_model import QualityModel

FINE = "the river ran past the mill and the miller told of winters when it froze to the ground"
POOR = "buy cheap deals now click here best price free offer limited win cash online bonus"
SHARED = "page of and in to from by it a one two three"


def text(words, chance, count=30):
    return " ".join(chance.choice(f"{words} {SHARED}".split()) for _ in range(count))


def examples(seed=0, count=120):
    """Good texts and bad ones."""
    chance = random.Random(seed)
    return [text(FINE, chance) for _ in range(count)], [text(POOR, chance) for _ in range(count)]


def taught(folder):
    """The stage, with its examples in files."""
    good, bad = examples()
    (folder / "good.jsonl").write_text(_lines(good))
    (folder / "bad.jsonl.gz").write_bytes(gzip.compress(_lines(bad).encode()))
    return QualityModel(good=(str(folder / "good.jsonl"),), bad=(str(folder / "bad.jsonl.gz"),))


def _lines(texts):
    return "".join(json.dumps({"text": each}) + "\n" for each in texts)
