"""The language profiles that langdetect ships, as a table that the n-gram kernel reads.

langdetect draws n-grams of a text at random until it is sure; the kernel adds up all of them. It
is the same evidence, with nothing left to chance, at a hundredth of the time. Languages that their
script tells are left out.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from pipeline.kept_arrays import Arrays, kept, source_of
from pipeline.signals.kernels import characters, grams
from pipeline.signals.kernels.characters import CODE_POINTS, lower_case
from pipeline.signals.kernels.grams import BITS, SPACE, WIDTH, GramTable, fill_slots

Array = np.ndarray[Any, Any]

TOLD_BY_SCRIPT = ["el", "gu", "ja", "kn", "ko", "ml", "pa", "ta", "te", "th", "zh-cn", "zh-tw"]
UNSEEN = 0.5 / 10_000  # langdetect adds this to each probability
COSTLIEST = 255  # steps; what an n-gram costs in a language whose profile lacks it, at most
LAST_LETTER = 0xFFFF  # the profiles hold none after it


class Profiles(NamedTuple):
    """What langdetect knows."""

    languages: tuple[str, ...]  # BCP 47, one for each column of the costs
    table: GramTable
    steps_per_nat: float  # of cost


@cache
def profiles() -> Profiles:
    """What langdetect's files say; reading them takes half a second, once on a machine."""
    languages, keys, slots, costs, letters, capitals, steps = _tables()
    table = GramTable(keys, slots, costs, letters, capitals)
    return Profiles(tuple(languages.tolist()), table, float(steps))


def _files() -> list[Path]:
    """langdetect's profiles that are read, by name."""
    from langdetect.detector_factory import PROFILES_DIRECTORY  # the tables are read without it

    files = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.name[0] != ".")
    return [path for path in files if path.name not in TOLD_BY_SCRIPT]


@kept(source_of(__file__), characters.SOURCE, grams.SOURCE, packages=("langdetect",))
def _tables() -> Arrays:
    """The languages, the parts of a `GramTable`, and the steps of cost per nat."""
    files = _files()
    read = [orjson.loads(path.read_bytes()) for path in files]
    all_grams = dict.fromkeys(gram for profile in read for gram in profile["freq"])
    row_of = {gram: row for row, gram in enumerate(all_grams)}
    likely = np.zeros((len(row_of), WIDTH))
    for column, profile in enumerate(read):
        rows = np.fromiter(map(row_of.__getitem__, profile["freq"]), np.int64)
        sizes = np.fromiter(map(len, profile["freq"]), np.int64)
        counts = np.fromiter(profile["freq"].values(), np.float64)
        likely[rows, column] = counts / np.array(profile["n_words"])[sizes - 1]
    by_use = np.argsort(-likely.sum(axis=1), kind="stable")  # what is used most lies together
    surprise = -np.log(likely[by_use] + UNSEEN)
    surprise -= surprise.min()
    steps = COSTLIEST / surprise.max()
    costs = np.rint(surprise * steps).astype(np.uint8)
    keys = np.zeros(1 << (2 * len(row_of)).bit_length(), np.uint64)
    slots = np.zeros(len(keys), np.int32)
    fill_slots(keys, slots, np.fromiter(map(_key, row_of), np.uint64)[by_use])
    languages = np.array([path.name for path in files])
    return languages, keys, slots, costs, _letters(), _capitals(), np.array(steps)


def _key(gram: str) -> int:
    key = 0
    for character in gram:
        key = key << int(BITS) | ord(character)
    return key


def _letters() -> Array:
    """What langdetect reads each character as; all that is no letter or mark parts words."""
    from langdetect.utils.ngram import NGram

    table = np.full(CODE_POINTS, SPACE, np.uint32)
    for point in range(LAST_LETTER + 1):
        character = chr(point)
        if unicodedata.category(character)[0] in "LM":
            table[point] = ord(NGram.normalize(character))
    return table


def _capitals() -> Array:
    """The small letter of each capital, 0 for all others."""
    small = lower_case()
    return np.where(small != np.arange(CODE_POINTS), small, 0).astype(np.uint32)
