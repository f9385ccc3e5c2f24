"""Words are told apart in the table of those seen before, whatever their bytes are."""

import string

import numpy as np
import pyarrow as pa
import pytest

from pipeline.shard import encode, word_table
from pipeline.shard.encode import Encoder, library_of
from pipeline.shard.tokenizer import Tokenizer

LETTERS = np.frombuffer(string.ascii_letters.encode(), np.uint8)


@pytest.fixture
def encoder(monkeypatch):
    monkeypatch.setattr(encode, "LITTLE", 0)
    monkeypatch.setattr(encode, "LOADED", 0)
    learnt = Tokenizer(vocabulary=300).learn(["the cat and the other cat"])
    return Encoder(library_of(learnt.to_str().encode()), 0)


def same_as_library(encoder, texts):
    library = encode._by_library(encoder._library, texts, encoder.end)
    found = encoder.encode(pa.array(texts))
    return all(np.array_equal(one, other) for one, other in zip(found, library, strict=True))


@pytest.mark.parametrize("each", ["a", "\x00", ".", "é", "猫", "\n", " "])
def test_words_of_every_length_are_told_apart(encoder, each):
    words = [each * size for size in range(1, 130)]
    texts = [
        f"{before}{word}{behind}"
        for word in words
        for before in ("", " ", "'")
        for behind in ("", "1")
    ]
    assert same_as_library(encoder, [*texts, *texts, "1".join(words), " 1".join(words)])


def test_two_long_words_of_one_hash_are_told_apart(encoder):
    first, second = words_of_one_hash()
    assert first != second
    assert hashed(first) == hashed(second)
    assert same_as_library(encoder, [f"{first}.{second}. {first}. {second}"] * 2)


def test_the_first_long_word_of_a_table_is_told_from_one_of_its_hash():
    words = word_table.words_of(
        (word.encode(), number) for number, word in enumerate(words_of_one_hash())
    )
    assert np.count_nonzero(words.slots[word_table.HIGH :: word_table.SLOT]) == 2


def words_of_one_hash():
    """Two words of 24 letters; the last eight of the second undo what its others do differently."""
    letters = LETTERS[np.random.default_rng(5).integers(52, size=(1_000_000, 16))]
    mixed = before_the_last(letters)
    last = mixed ^ mixed[0] ^ np.frombuffer(b"concerns", np.uint64)
    letter = np.isin(np.arange(256), LETTERS)
    good = letter[last[1:, None].view(np.uint8)].all(1)
    [at, *_] = np.flatnonzero(good) + 1
    return tuple((letters[i].tobytes() + last[i].tobytes()).decode() for i in (0, at))


def before_the_last(words):
    """The table's hash of 24 bytes, before the last eight of them; (n, 16) bytes and more."""
    mixed = np.full(len(words), 24, np.uint64)
    for eight in np.ascontiguousarray(words[:, :16]).view(np.uint64).T:
        mixed = (mixed ^ eight) * word_table._ODD
        mixed ^= mixed >> np.uint64(32)
    return mixed


def hashed(word):
    content = np.frombuffer(word.encode(), np.uint8)
    return before_the_last(content[None])[0] ^ content[16:].view(np.uint64)[0]
