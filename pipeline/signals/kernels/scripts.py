"""Weighing the letters of each script."""

from functools import cache
from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined
from pipeline.signals.kernels.characters import CODE_POINTS, LETTER, kinds
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

# Script (ISO 15924) and the Unicode blocks that hold its letters. Letters elsewhere are "Zzzz".
BLOCKS = (
    ("Latn", ((0x0041, 0x024F), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF))),
    ("Latn", ((0xAB30, 0xAB6F), (0xFB00, 0xFB06), (0xFF21, 0xFF5A), (0x0250, 0x02AF))),
    ("Grek", ((0x0370, 0x03FF), (0x1F00, 0x1FFF))),
    ("Cyrl", ((0x0400, 0x052F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F))),
    ("Armn", ((0x0530, 0x058F), (0xFB13, 0xFB17))),
    ("Hebr", ((0x0590, 0x05FF), (0xFB1D, 0xFB4F))),
    ("Arab", ((0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF))),
    ("Arab", ((0xFE70, 0xFEFF),)),
    ("Syrc", ((0x0700, 0x074F),)),
    ("Thaa", ((0x0780, 0x07BF),)),
    ("Deva", ((0x0900, 0x097F), (0xA8E0, 0xA8FF))),
    ("Beng", ((0x0980, 0x09FF),)),
    ("Guru", ((0x0A00, 0x0A7F),)),
    ("Gujr", ((0x0A80, 0x0AFF),)),
    ("Orya", ((0x0B00, 0x0B7F),)),
    ("Taml", ((0x0B80, 0x0BFF),)),
    ("Telu", ((0x0C00, 0x0C7F),)),
    ("Knda", ((0x0C80, 0x0CFF),)),
    ("Mlym", ((0x0D00, 0x0D7F),)),
    ("Sinh", ((0x0D80, 0x0DFF),)),
    ("Thai", ((0x0E00, 0x0E7F),)),
    ("Laoo", ((0x0E80, 0x0EFF),)),
    ("Tibt", ((0x0F00, 0x0FFF),)),
    ("Mymr", ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))),
    ("Geor", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    ("Hang", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF))),
    ("Ethi", ((0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F))),
    ("Khmr", ((0x1780, 0x17FF),)),
    ("Mong", ((0x1800, 0x18AF),)),
    ("Kana", ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))),
    ("Hani", ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3400, 0x9FFF), (0xF900, 0xFAFF))),
    ("Hani", ((0x20000, 0x33500),)),
)
KANA_OF_JAPANESE = 0.1  # Japanese has more kana than that among its letters, Chinese none
STRIDE = 32  # bytes that are looked at together
SCRIPTS = ("Zzzz", *dict.fromkeys(script for script, _ in BLOCKS))


@cache
def scripts() -> Array:
    """The script of each letter, as its place in `SCRIPTS`, uint8; 255 for what is no letter."""
    table = np.zeros(CODE_POINTS, np.uint8)
    for script, ranges in BLOCKS:
        for first, last in ranges:
            table[first : last + 1] = SCRIPTS.index(script)
    table[kinds() & LETTER == 0] = 255
    table.flags.writeable = False
    return table


def weigh_scripts(data: Array, offsets: Array) -> Array:
    """Bytes of letters of each document by script, (n, len(SCRIPTS)) int64.

    Bytes, because a Han character or a Hangul syllable says more than a Latin letter does.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
    """
    return _weigh_scripts(data, offsets, scripts(), len(SCRIPTS), SCRIPTS.index("Latn"))


@compiled
def _weigh_scripts(data: Array, offsets: Array, of_letter: Array, count: int, latin: int) -> Array:
    letters = np.zeros((len(offsets) - 1, count), np.int64)
    for row in range(len(offsets) - 1):
        at, stop = offsets[row], offsets[row + 1]
        while at < stop:
            if at + STRIDE <= stop:
                beyond, found = _ascii_letters(data, at)
                if beyond < 0x80:
                    letters[row, latin] += found
                    at += STRIDE
                    continue
            until = min(at + STRIDE, stop)
            while at < until:
                point, size = code_point(data, at)
                at += size
                script = of_letter[point]
                if script < count:
                    letters[row, script] += size
    return letters


@inlined
def _ascii_letters(data: Array, at: int) -> tuple[Any, Any]:
    """Of the next `STRIDE` bytes: all bits of all, and how many are ASCII letters."""
    every, letters = np.uint8(0), np.uint8(0)
    for each in range(at, at + STRIDE):  # a fixed number, so that it is vectorised
        every |= data[each]
        small = np.uint8(data[each] | np.uint8(0x20))
        letters += np.uint8(np.uint8(small - np.uint8(0x61)) < np.uint8(26))
    return every, letters


def main_scripts(weighed: Array) -> tuple[Array, Array, Array]:
    """The script that each document is mostly in; Han and kana together are one.

    Args:
        weighed: what `weigh_scripts` gives.

    Returns:
        The script's name, empty where there are no letters; its share of the bytes of letters,
        float64, 0 where there are none; and the bytes of letters, int64. (n,) each.
    """
    han, kana = SCRIPTS.index("Hani"), SCRIPTS.index("Kana")
    together, names = weighed.copy(), np.array(SCRIPTS)
    together[:, han] += together[:, kana]
    together[:, kana] = 0
    total, most = weighed.sum(axis=1), together.argmax(axis=1)
    shares = together.max(axis=1, initial=0) / np.maximum(total, 1)
    japanese = (most == han) & (weighed[:, kana] > KANA_OF_JAPANESE * together[:, han])
    found = np.where(japanese, "Jpan", names[most])
    return np.where(total > 0, found, ""), shares, total
