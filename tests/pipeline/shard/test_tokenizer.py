"""The tokenizer comes out the same whatever the order, and gives every text back."""

import hashlib
import os
import random
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shard.encode import encoder_of, end_id
from pipeline.shard.errors import BadTokenizer, NoEndToken, NothingToLearn
from pipeline.shard.tokenizer import END, LONGEST_RUN, Tokenizer, _cut, read_encoder

WORDS = [f"{a}{b}{c}" for a in "abcdef" for b in "ghijk" for c in "lmnop"]  # ties everywhere
TEXTS = [" ".join(WORDS[i : i + 30]) for i in range(0, 150, 10)] + [
    "今天天气很好 2026",
    "don't\n\nstop",
]
SCRIPT = """
import hashlib, sys
from tests.pipeline.shard.test_tokenizer import TEXTS, learnt
print(learnt(TEXTS[int(sys.argv[1]):] + TEXTS[:int(sys.argv[1])]))
"""


def learnt(texts):
    return hashlib.sha256(Tokenizer(vocabulary=500).learn(texts).to_str().encode()).hexdigest()


@pytest.fixture(scope="module")
def encoder():
    return read_encoder(Tokenizer(vocabulary=400).learn(TEXTS).to_str().encode(), "tokenizer.json")


def test_any_order_gives_the_same_tokenizer():
    shuffled = [random.Random(seed).sample(TEXTS, len(TEXTS)) for seed in range(5)]
    assert len({learnt(texts) for texts in (TEXTS, *shuffled)}) == 1


def test_any_process_and_number_of_threads_gives_the_same_tokenizer():
    found = {learnt(TEXTS)}
    for number, threads in enumerate(("1", "4")):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "PYTHONHASHSEED": str(number)}
        command = [sys.executable, "-c", SCRIPT, str(number * 3)]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found.add(ran.stdout.strip())
    assert len(found) == 1


@settings(max_examples=200)
@given(st.text(max_size=80) | st.sampled_from([END, f"a{END}b", "<|end", " " * 500, "\n\t \r\n"]))
def test_a_text_comes_back_and_its_bytes_are_placed(encoder, text):
    ids, _, [size], widths = encoder_of(encoder.to_str().encode(), END).encode(pa.array([text]))
    end = end_id(encoder, END)
    assert ids[-1] == end
    assert end not in ids[:-1].tolist()  # also where the text spells the token's name
    assert encoder.decode(ids[:-1].tolist(), skip_special_tokens=False) == text
    assert size == len(ids) == len(widths)
    assert widths[-1] == 0
    assert widths.sum() == len(text.encode())


def test_digits_stand_in_runs_of_the_given_length():
    texts = ["the year 2026 2027 2028 " * 50]
    singly = Tokenizer(vocabulary=300, digits=1).learn(texts).encode("2026").tokens
    assert singly == ["2", "0", "2", "6"]
    assert len(Tokenizer(vocabulary=300).learn(texts).encode("2026").tokens) == 2


def test_the_vocabulary_has_the_size_asked_for(encoder):
    assert encoder.get_vocab_size() == 400
    assert encoder.token_to_id(END) == 0


def test_no_text_is_refused_with_a_way_out():
    with pytest.raises(NothingToLearn, match="Make validation_share smaller"):
        Tokenizer().learn(["", ""])


def test_a_given_file_counts_by_its_content(tmp_path, encoder):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(encoder.to_str())
    first, second = (Tokenizer(file=str(tmp_path / name)) for name in ("a.json", "b.json"))
    assert first.assets() == second.assets() != {}
    assert first.config() == second.config() == {}
    assert first.reads() == {}


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe"])
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    if content is None:
        with pytest.raises(BadTokenizer, match="No such file"):
            Tokenizer(file=str(path)).assets()
    else:
        with pytest.raises(BadTokenizer, match=r"Give `file` a tokenizer\.json"):
            read_encoder(content, str(path))


def test_an_unknown_end_token_is_refused_with_those_there_are(encoder):
    with pytest.raises(NoEndToken, match=r"special tokens are <\|end\|>"):
        end_id(encoder, "</s>")


def test_a_text_without_spaces_is_learnt_from_in_a_time_that_grows_with_its_length():
    texts = ["w" * 3_000_000, " " * 3_000_000, "<" * 3_000_000]
    encoder = Tokenizer(vocabulary=300).learn([*TEXTS, *texts])
    assert encoder.token_to_id("ww") is not None


def test_a_long_text_is_learnt_from_in_pieces_as_if_it_were_whole(monkeypatch):
    text = "\n\n".join([*TEXTS, "  two  spaces ", "a\n b\r\n c \n\nd 'll it's -- ..."] * 40)
    whole = learnt([text])
    monkeypatch.setattr("pipeline.shard.tokenizer.LONGEST_PIECE", 7)
    pieces = [*_cut(text)]
    assert len(pieces) > 500
    assert "".join(pieces) == text
    assert learnt([text]) == whole


def test_texts_without_long_runs_are_learnt_from_whole():
    runs = ("a" * LONGEST_RUN, " " * LONGEST_RUN, "Nothing. " * 1000)
    assert [[*_cut(text)] for text in runs] == [[text] for text in runs]
    assert [*_cut("b" * 2500 + " c")] == ["b" * 1000, "b" * 1000, "b" * 500 + " c"]
