"""Scores are sums over targets, in all and by language."""

import math

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from torch import nn

from ray_jobs.environment import Environment
from ray_jobs.evaluate_loop import bytes_of_ids, read_row_map, scores_of, surprise_of
from ray_jobs.token_loader import TokenRows
from schemas.jobs import Resources
from tests.ray_jobs.tiny import END, TEXTS, VOCABULARY, write_rows, write_tokenizer


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmark")
    tokenizer = write_tokenizer(folder / "tokenizer.json")
    rows, row_map = write_rows(folder, tokenizer)
    return TokenRows.read([rows], vocabulary=VOCABULARY), read_row_map([row_map], [rows]), folder


class Indifferent(nn.Module):
    """Finds all ids equally likely."""

    def forward(self, ids, documents=None):
        return torch.zeros(*ids.shape, VOCABULARY)


def test_bytes_add_up_to_the_text(benchmark):
    rows, row_map, folder = benchmark
    spelled = bytes_of_ids(folder / "tokenizer.json")
    size = sum(len(text.encode()) for _, text in TEXTS)
    assert sum(row_map["text_bytes"].to_pylist()) == size
    assert spelled[END] == 0
    told = sum(spelled[ids[:used]].sum() for ids, used in zip(rows.ids, rows.used, strict=True))
    assert told == size


def test_an_indifferent_network_needs_the_logarithm_of_the_vocabulary(benchmark, tmp_path):
    rows, row_map, folder = benchmark
    place = Environment(tmp_path, Resources(tokens_at_once=96))
    surprise = surprise_of(Indifferent(), rows, place)
    spelled = bytes_of_ids(folder / "tokenizer.json")
    score, by_language = scores_of(surprise, rows, row_map, spelled)
    assert score.tokens == rows.is_target().sum()
    assert score.loss == pytest.approx(math.log(VOCABULARY), abs=1e-5)
    assert score.perplexity == pytest.approx(VOCABULARY, rel=1e-4)
    targets = rows.ids[:, 1:][rows.is_target()]
    bits = score.tokens * math.log2(VOCABULARY)
    assert score.bytes == spelled[targets].sum()
    assert score.bits_per_byte == pytest.approx(bits / score.bytes, rel=1e-5)
    assert set(by_language) == {"en", "fr", "ja", "unknown"}
    assert sum(each.tokens for each in by_language.values()) == score.tokens
    assert sum(each.bytes for each in by_language.values()) == score.bytes


def test_a_language_gets_the_surprise_of_its_own_targets(benchmark):
    rows, row_map, folder = benchmark
    number = {name: i for i, name in enumerate(("en", "fr", "ja", None), start=1)}
    surprise = np.zeros(rows.ids[:, 1:].shape, np.float32)
    for piece in row_map.to_pylist():  # every target costs its language's number
        surprise[piece["row"], piece["start"] : piece["stop"] - 1] = number[piece["language"]]
    _, by_language = scores_of(surprise, rows, row_map, bytes_of_ids(folder / "tokenizer.json"))
    assert {name: score.loss for name, score in by_language.items()} == {
        "en": 1,
        "fr": 2,
        "ja": 3,
        "unknown": 4,
    }


def test_several_files_score_as_one(benchmark, tmp_path):
    rows, row_map, folder = benchmark
    twice = [str(folder / "rows.parquet")] * 2, [str(folder / "map.parquet")] * 2
    both, both_map = TokenRows.read(twice[0], vocabulary=VOCABULARY), read_row_map(*twice[::-1])
    spelled = bytes_of_ids(folder / "tokenizer.json")
    surprise = np.random.default_rng(0).random(rows.ids[:, 1:].shape) * rows.is_target()
    once, _ = scores_of(surprise, rows, row_map, spelled)
    score, _ = scores_of(np.concatenate((surprise, surprise)), both, both_map, spelled)
    assert (score.tokens, score.bytes) == (2 * once.tokens, 2 * once.bytes)
    assert score.loss == pytest.approx(once.loss)


def test_the_map_that_the_test_writes_is_like_the_real_one(benchmark):
    _, row_map, folder = benchmark
    assert pq.read_schema(folder / "map.parquet").names == [
        "doc_id", "piece", "row", "start", "stop", "text_bytes", "language"
    ]  # fmt: skip
    assert (np.array(row_map["stop"]) > np.array(row_map["start"])).all()
