"""Our own loops give the tokens of the `tokenizers` library, or leave the work to it."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, normalizers, pre_tokenizers, processors

from pipeline.shard import encode, merges, word_table
from pipeline.shard.encode import PROBES, Encoder, encoder_of, joined, library_of
from pipeline.shard.errors import UnequalTokens
from pipeline.shard.tokenizer import END, Tokenizer, read_encoder

LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA.replace("{1,3}", "")
LEARNT = [*PROBES, "the cat isn't on the mat, the dog is " * 20, "它们是猫和狗。" * 20]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["'", "s", "LL", "ſ", " ", "\n", "\r", "\t", "1", "²", "é", "\u0301",
                              "猫", "\u3000", "\u0085", ".", "\x00", "the", "हि", "😀"]),
             max_size=24).map("".join),
    st.sampled_from(PROBES),
    st.builds(lambda a, n: a * n, st.sampled_from(["ab", " ", "é", "9", "\n", "猫"]),
              st.integers(1, 400)),
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def however_little():
    """Our own loops encode, however little there is to encode."""
    before, encode.LITTLE, encode.LOADED = (encode.LITTLE, encode.LOADED), 0, 0
    yield
    encode.LITTLE, encode.LOADED = before


def content(split=None, **changes):
    """A tokenizer.json with another pattern, and other settings of its model."""
    learnt = Tokenizer(vocabulary=600).learn(LEARNT)
    if split:
        learnt.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(split), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    for name in changes.keys() & {"normalizer", "pre_tokenizer", "post_processor"}:
        setattr(learnt, name, changes.pop(name))
    config = json.loads(learnt.to_str())
    config["model"] |= changes
    return json.dumps(config)


GPT2 = content(pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False))
TRIMMED = content(LLAMA, ignore_merges=True, post_processor=processors.ByteLevel(trim_offsets=True))
COMPILED = {
    "ours": content(),
    "one digit": Tokenizer(vocabulary=600, digits=1).learn(LEARNT).to_str(),
    "gpt-2": GPT2,
    "llama 3": TRIMMED,
    "qwen": content(QWEN),
}


def both(tokenizer, texts):
    """What our loops give, and what the library does."""
    encoder = encoder_of(tokenizer.encode(), END)
    assert encoder.compiled
    library = encode._by_library(library_of(tokenizer.encode()), texts, encoder.end)
    return encoder.encode(pa.array(texts, pa.large_string())), library


def equal(left, right):
    return all(np.array_equal(one, other) for one, other in zip(left, right, strict=True))


@pytest.mark.parametrize("name", COMPILED)
@settings(max_examples=150)
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@example(texts=["", "a", ""])
def test_ids_and_places_are_those_of_the_library(name, texts):
    ours, library = both(COMPILED[name], texts)
    assert equal(ours, library)


def test_words_that_are_whole_tokens_are_not_merged_where_the_model_says_so():
    config = json.loads(TRIMMED)
    number = max(config["model"]["vocab"].values()) + 1
    config["model"]["vocab"] |= {"Ġzqxjk": number, "Ġ" * 120: number + 1}
    ours, library = both(json.dumps(config), [f"zqxjk zqxjk{' ' * 121}zqxjk"])
    assert equal(ours, library)
    assert {number, number + 1} <= set(ours.ids.tolist())


def test_a_full_table_of_words_changes_nothing(monkeypatch):
    monkeypatch.setattr(word_table.no_words, "__defaults__", (8,))
    encoder = Encoder(read_encoder(COMPILED["ours"].encode(), "a"), 0)
    texts = [f"word{n} {'long' * n} {n} and more" for n in range(60)]
    _, library = both(COMPILED["ours"], texts)
    assert equal(encoder.encode(pa.array(texts)), library)


def test_a_part_of_an_array_is_encoded_like_the_whole():
    texts = pa.array([*PROBES, "one", "two"], pa.string())
    encoder = encoder_of(COMPILED["ours"].encode(), END)
    parts = [encoder.encode(texts.slice(at, 3)) for at in range(0, len(texts), 3)]
    assert equal(joined(parts), encoder.encode(texts))


@pytest.mark.parametrize(
    "tokenizer",
    [
        content(normalizer=normalizers.NFC()),
        content(r"\w+|\s+|[^\w\s]+"),
        content(pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True)),
        content(LLAMA.replace(r"\s*[\r\n]+", r"\s*[\r\n]{1,2}")),
        content(dropout=0.1),
    ],
    ids=["normalised", "own pattern", "prefixed", "nearly a known pattern", "dropout"],
)
def test_what_the_loops_do_not_know_is_left_to_the_library(tokenizer):
    assert not encoder_of(tokenizer.encode(), END).compiled
    if "0.1" not in tokenizer:
        [*ids, _] = encoder_of(tokenizer.encode(), END).encode(pa.array(["It’s 12"])).ids.tolist()
        assert ids == read_encoder(tokenizer.encode(), "a").encode("It’s 12").ids


def test_more_tokens_than_fit_beside_a_rank_are_left_to_the_library(monkeypatch):
    monkeypatch.setattr(merges, "NEVER", 300)
    assert not Encoder(library_of(COMPILED["ours"].encode()), 0).compiled


def test_a_token_that_is_wider_than_any_width_is_left_to_the_library():
    config = json.loads(TRIMMED)
    config["model"]["vocab"]["Ġ" * 2**16] = max(config["model"]["vocab"].values()) + 1
    encoder = encoder_of(json.dumps(config).encode(), END)
    assert not encoder.compiled
    [width, _] = encoder.encode(pa.array([" " * 2**16])).widths.tolist()
    assert width == 2**16


def test_an_added_token_that_a_text_may_spell_is_left_to_the_library():
    learnt = read_encoder(COMPILED["ours"].encode(), "a")
    learnt.add_tokens(["catdog"])
    encoder = encoder_of(learnt.to_str().encode(), END)
    assert not encoder.compiled
    assert encoder.encode(pa.array(["a catdog"])).ids[-2] == learnt.token_to_id("catdog")


def test_loops_that_fail_a_probe_are_not_used(monkeypatch):
    monkeypatch.setattr(encode, "_by_loops", lambda *_: joined([]))
    assert not Encoder(read_encoder(COMPILED["ours"].encode(), "a"), 0).compiled


def test_other_tokens_than_the_librarys_stop_the_shard(monkeypatch):
    encoder = Encoder(read_encoder(COMPILED["ours"].encode(), "a"), 0)
    assert encoder.compiled
    monkeypatch.setattr(encode, "_by_loops", lambda *_: joined([]))
    with pytest.raises(UnequalTokens, match="not committed"):
        encoder.encode(pa.array(["a text"]))


@pytest.mark.parametrize("kept", [True, False])
def test_little_is_left_to_the_library_and_gives_the_same(monkeypatch, kept):
    texts = pa.array(["the cat isn't on the mat", "它们是猫", "", "12 345"] * 3, pa.large_string())
    library = Encoder(read_encoder(COMPILED["ours"].encode(), "a"), 0)
    loops = Encoder(read_encoder(COMPILED["ours"].encode(), "a"), 0)
    expected = loops.encode(texts)
    monkeypatch.setattr(encode, "LOADED", int((1.5 if kept else 0.5) * texts.nbytes))
    monkeypatch.setattr(encode, "LITTLE", int((9 if kept else 1.5) * texts.nbytes))
    monkeypatch.setattr(encode, "_loops_are_kept", lambda: kept)
    monkeypatch.setattr(encode, "_by_loops", None)  # it would be called in vain
    assert equal(library.encode(texts), expected)
    with pytest.raises(TypeError):
        library.encode(texts)
