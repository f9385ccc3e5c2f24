"""The loops behind the languages do what slow, obvious code does, on any text."""

import re
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect import detector_factory

from pipeline.signals.kernels.blanks import blank_out, readable
from pipeline.signals.kernels.grams import WIDTH, weigh_grams
from pipeline.signals.kernels.scripts import SCRIPTS, main_scripts, scripts, weigh_scripts
from pipeline.signals.kernels.utf8 import utf8
from pipeline.signals.profiles import profiles

CROWDED = st.text(alphabet="abTHE éß ık. @:/w漢かжЖ\n\x00\u200b", max_size=60)
TEXTS = st.lists(CROWDED | st.text(max_size=40), min_size=1, max_size=4)
FIRST = 1 << 20


def column(texts):
    return utf8(pa.array(texts, pa.large_string()))


def blanked(text):
    """Spaces, one for each byte, for addresses and for what CLD2 does not take."""
    kept = "".join(
        c if c == "\n" or (ord(c) < 0x33500 and unicodedata.category(c)[0] != "C") else "\0"
        for c in text
    )
    out = re.sub(r"[!-~]*(?:@|://)[!-~]*", lambda found: " " * len(found[0]), text)
    return "".join(
        " " * len(before.encode()) if after == "\0" else now
        for before, after, now in zip(text, kept, out, strict=True)
    )


@settings(max_examples=200)
@given(TEXTS)
def test_addresses_and_unreadable_characters_become_as_many_spaces_as_they_have_bytes(texts):
    data, offsets = column(texts)
    assert blank_out(data, offsets, readable()).tobytes().decode() == "".join(map(blanked, texts))


def grams(text):
    """The n-grams that langdetect takes from a text, capitals after capitals made small."""
    read, capital = " ", False
    names = profiles().table
    for c in text:
        small = int(names.capitals[ord(c)])
        read += chr(names.letters[small if small and capital else ord(c)])
        capital = small > 0
    for word in read.split(" "):
        if word:
            padded = f" {word} "
            yield from word
            for size in (2, 3):
                yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


@pytest.fixture(scope="module")
def cost_of():
    """The costs of each n-gram, found in langdetect's own tables."""
    detector_factory.init_factory()
    factory = detector_factory._factory
    known, _, steps = profiles()
    columns = [factory.langlist.index(name) for name in known]
    every = np.array(list(factory.word_lang_prob_map.values()))[:, columns]
    costs = -np.log(every + 0.5 / 10_000)
    rounded = np.rint((costs - costs.min()) * steps)
    found = zip(factory.word_lang_prob_map, every, rounded, strict=True)
    return {gram: row for gram, likely, row in found if likely.any()}


@settings(max_examples=200)
@given(TEXTS)
def test_n_grams_cost_what_the_profiles_say(cost_of, texts):
    known = len(profiles().languages)
    costs, counts = weigh_grams(
        *column(texts), np.ones(len(texts), np.bool_), profiles().table, FIRST
    )
    for text, row, count in zip(texts, costs, counts, strict=True):
        rows = [cost_of[gram] for gram in grams(text) if gram in cost_of]
        assert count == len(rows)
        assert row[:known].tolist() == (sum(rows) if rows else np.zeros(known)).tolist()
    assert costs.shape[1] == WIDTH


def test_only_wanted_texts_and_their_first_bytes_are_weighed():
    text = "the server reads the file"
    wanted = np.array([True, False, True])
    costs, known = weigh_grams(*column([text, text, "the "]), wanted, profiles().table, 4)
    assert known[1] == 0 and not costs[1].any()
    assert costs[0].tolist() == costs[2].tolist()


@settings(max_examples=200)
@given(TEXTS)
def test_the_main_script_is_that_of_most_bytes_of_letters(texts):
    found = main_scripts(weigh_scripts(*column(texts)))
    for text, script, share, letters in zip(texts, *(each.tolist() for each in found), strict=True):
        bytes_of = Counter()
        for c in text:
            if c.isalpha():
                name = SCRIPTS[scripts()[ord(c)]]
                bytes_of["Hani" if name == "Kana" else name] += len(c.encode())
        assert letters == bytes_of.total()
        assert share == pytest.approx(max(bytes_of.values(), default=0) / max(letters, 1))
        assert bytes_of["Hani" if script == "Jpan" else script] == max(bytes_of.values(), default=0)
