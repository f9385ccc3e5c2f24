"""Signatures are datasketch's, and shingles those of a slow, obvious reading of the text."""

import unicodedata
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.minhash import EMPTY, minhash
from pipeline.dedup.shingles import shingles
from pipeline.dedup.shingling import Shingling, Unspaced

UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "BOPOMOFO", "YI ", "THAI", "LAO", "KHMER", "MYANMAR")
HOSTILE = (
    "",
    " \n\t",
    "...!?",
    "one",
    "One, two; THREE",
    "a" * 5000,
    "a " * 3000,
    "a-" * 3000,
    "今天天气很好,我们去公园。",
    "私は2026年にTokyoへ行った",
    "ภาษาไทยไม่เว้นวรรค",
    "हिन्दी में मात्राएँ शब्द का भाग हैं",
    "e\u0301te\u0301 naïve ŁÓDŹ Straße İstanbul",
    "\U00020000\U00030000\U0001f600\U000e0100x\U0010ffff",
    "it's don't\u00a0stop\u200bhere",
    "\x00zero\x00bytes in between words\x00",
)


def words_of(text, unspaced):
    """Words, read character by character with Python's own tables."""
    words, current = [], ""
    for character in pa.compute.utf8_lower(pa.scalar(text)).as_py():
        kind, name = unicodedata.category(character)[0], unicodedata.name(character, "")
        alone = kind in "LMN" and (name.startswith(UNSPACED) and "VARIATION" not in name)
        alone = alone and unspaced == "characters"
        if alone or kind not in "LMN" or ord(character) >= 0x40000:
            words, current = ([*words, current] if current else words), ""
            words += [character] if alone else []
        else:
            current += character
    return [*words, current] if current else words


def number(words):
    """A shingle's number, in Python's integers."""
    value, most = 0xCBF29CE484222325, 2**64 - 1
    for word in words:
        hashed = 0xCBF29CE484222325
        for byte in word.encode():
            hashed = (hashed ^ byte) * 0x100000001B3 & most
        value = (value ^ hashed) * 0x9E3779B97F4A7C15 & most
        value ^= value >> 29
    return value >> 32


def numbers_of(text, n, unspaced):
    words = words_of(text, unspaced)
    width = min(n, len(words))
    return sorted(
        {number(words[i : i + width]) for i in range(len(words) - width + 1 if words else 0)}
    )


def sketch(numbers, values, seed):
    """The signature by datasketch itself."""
    made = MinHash(num_perm=values, seed=seed, scheme="affine32", hashfunc=lambda each: each)
    for each in numbers:
        made.update(each)
    return made.hashvalues


def check_shingles(texts, n, unspaced):
    found, bounds = shingles(pa.array(texts, pa.large_string()), Shingling(n, unspaced))
    assert len(bounds) == len(texts) + 1
    for i, text in enumerate(texts):
        assert sorted(found[bounds[i] : bounds[i + 1]].tolist()) == numbers_of(text, n, unspaced), (
            text
        )


@pytest.mark.parametrize("unspaced", get_args(Unspaced))
@pytest.mark.parametrize("n", [1, 2, 5])
def test_shingles_are_the_words_a_slow_reader_sees(n, unspaced):
    check_shingles(list(HOSTILE), n, unspaced)


# Python's Unicode tables may be older or newer than RE2's: letters of new blocks differ, so the
# random texts come from blocks that both know.
KNOWN = st.one_of(
    st.sampled_from("aB9é_.,' \n\u0301ßŁ中文かカ한ไทй\u0915\u093f😀\U00020000"),
    st.characters(max_codepoint=0x24F),
)

UNSPACED_WORDS = st.sampled_from(get_args(Unspaced))


@settings(max_examples=150)
@given(st.lists(st.text(KNOWN, max_size=60), max_size=6), st.integers(1, 7), UNSPACED_WORDS)
def test_shingles_of_random_texts_are_the_slow_readers(texts, n, unspaced):
    check_shingles(texts, n, unspaced)


def test_a_slice_of_a_column_gives_the_same_shingles():
    texts = pa.array([*HOSTILE, *HOSTILE], pa.large_string())
    part, whole = (
        shingles(each, Shingling(5)) for each in (texts.slice(3, 9), pa.array(HOSTILE[3:12]))
    )
    assert np.array_equal(part[0], whole[0])
    assert np.array_equal(part[1], whole[1])


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=30), max_size=5),
    st.integers(1, 150),
    st.integers(0, 2**32 - 1),
)
def test_signatures_are_datasketchs(documents, values, seed):
    numbers = np.array([n for each in documents for n in each], np.uint32)
    bounds = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    found = minhash(numbers, bounds, values=values, seed=seed)
    assert found.dtype == np.uint32
    assert found.shape == (len(documents), values)
    for row, each in zip(found, documents, strict=True):
        assert np.array_equal(row, sketch(each, values, seed))


def test_the_edges_of_32_bits_are_datasketchs():
    edges = [0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1]
    found = minhash(np.array(edges, np.uint32), np.arange(7), values=140, seed=1)
    for row, each in zip(found, edges, strict=True):
        assert np.array_equal(row, sketch([each], 140, 1))


def test_a_text_without_words_has_the_empty_signature():
    numbers, bounds = shingles(pa.array(["", "?!"]), Shingling(5))
    assert (minhash(numbers, bounds, values=9, seed=1) == EMPTY).all()


def test_agreement_estimates_the_jaccard_similarity():
    words = [f"w{i}" for i in range(2000)]
    texts = pa.array([" ".join(words[:1800]), " ".join(words[200:])])
    numbers, bounds = shingles(texts, Shingling(1))
    left, right = minhash(numbers, bounds, values=1000, seed=1)
    assert (left == right).mean() == pytest.approx(0.8, abs=0.05)
