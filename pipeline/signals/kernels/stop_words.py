"""The commonest function words of many languages, and a table to find them by their hash.

A page of running text in any of these languages holds several of them; a list of names, prices or
key words holds none. The English list is that of MassiveText (Rae et al., 2021, arXiv:2112.11446,
appendix A.1.1); the others are written in its likeness: the most frequent articles, conjunctions,
prepositions and forms of *to be* and *to have*.
"""

from functools import cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

SLOTS = 4096  # of the hash table; a power of two, several times the number of words
PLACES = 11  # bits of the place of a short word
SHORT = 6  # bytes, the most that a stop word in ASCII may take: its slot fills the other two

STOP_WORDS = {
    "en": "the be to of and that have with",
    "de": "der die das und ist nicht mit zu den von ein eine für",
    "fr": "le la les de des et est que pour dans un une",
    "es": "el la los las de que y en un una por con para",
    "pt": "o a os as de que e em um uma para com não",
    "it": "il la che di e un una per è in non con sono",
    "nl": "de het een en van is dat niet op te met voor",
    "sv": "och att det som en är av för på inte med den",
    "da": "og at det som en er af for på ikke med den",
    "no": "og at det som en er av for på ikke med den",
    "fi": "ja on ei se että oli hän mutta ovat myös joka kun",
    "pl": "i w na z się nie do to jest że o jak",
    "cs": "a je se na v že to s z do ale pro",
    "sk": "a je sa na v že to s z do ale pre",
    "hu": "a az és hogy nem is egy van meg ez de",
    "ro": "și de în la cu că este nu un o pe din",
    "tr": "ve bir bu için ile da de olarak olan gibi çok daha",
    "ru": "и в не на что с как по для это из от",
    "uk": "і в не на що з як до та для це від",
    "bg": "и на да се в за от не с като това са",
    "sr": "и у је да се на за не од су као i u je da se na za ne od su kao",
    "el": "και το να του η την με για από είναι που δεν",
    "ar": "في من على أن إلى عن التي هذا الذي مع لا ما",
    "fa": "و در به از که این را با است برای آن یک",
    "he": "של את על לא זה עם כי הוא גם או אם כל",
    "hi": "के का की है में और से को पर यह नहीं एक",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam pada adalah",
    "vi": "và của là có được cho không các một trong với những",
    "ko": "이 그 수 및 더 한 할 때 있는 있다 있습니다 한다 것을 것은 위해 대한 같은 모든 다른",
    "ca": "el la els les de que i en un una per amb és",
    "lt": "ir kad yra į su iš tai bet kaip ne buvo jis",
    "lv": "un ir no ar ka uz par kas bet arī tas nav",
    "et": "ja on ei see et oli ka kui ta aga või mis",
    "sl": "in je se na da za ne v s so pa ki",
}

ENGLISH = 0  # its place in the list


def word_hash(word: str) -> int:
    """FNV-1a, 64 bits, over the code points of a word in lower case."""
    value = 0xCBF29CE484222325
    for character in word:
        value = (value ^ ord(character)) * 0x100000001B3 % 2**64
    return value


class StopTable(NamedTuple):
    """All stop words, in an open hash table; and those in ASCII, each in a place of its own."""

    hashes: Array  # (SLOTS,) uint64, 0 where a slot is free
    languages: Array  # (SLOTS,) uint64: those that have the word, bits in the order of `STOP_WORDS`
    spread: np.uint64  # times a packed word, its place in the highest `PLACES` bits
    packed: Array  # (2**PLACES,) uint64: the word's bytes, the first the lowest; its slot


@cache
def stop_word_table() -> StopTable:
    """The tables of all stop words."""
    hashes, languages = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.uint64)
    short = {}
    for bit, words in enumerate(STOP_WORDS.values()):
        for word in words.split():
            value = word_hash(word)
            slot = value % SLOTS
            while hashes[slot] not in (0, value):
                slot = (slot + 1) % SLOTS
            hashes[slot] = value
            languages[slot] |= np.uint64(1 << bit)
            if word.isascii():
                short[int.from_bytes(word.encode(), "little")] = slot
    return StopTable(hashes, languages, *_apart(short))


def _apart(short: dict[int, int]) -> tuple[np.uint64, Array]:
    """A factor that gives each short word another place, and what lies in the places."""
    words = np.array(list(short), np.uint64)
    for number in count(1):
        spread = np.uint64(word_hash(str(number)) | 1)
        places = (words * spread) >> np.uint64(64 - PLACES)
        if len(np.unique(places)) == len(words):
            break
    packed = np.zeros(1 << PLACES, np.uint64)
    packed[places] = words | np.array(list(short.values()), np.uint64) << np.uint64(8 * SHORT)
    return spread, packed
