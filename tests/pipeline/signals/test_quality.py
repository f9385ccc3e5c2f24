"""A quality score is learnt from examples: the same from the same texts, and of use on others."""

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.run.keys import key_parts
from pipeline.signals.errors import BadExamples, BadTextFile
from pipeline.signals.families.quality import Quality
from pipeline.signals.kernels.characters import kinds, lower_case
from pipeline.signals.kernels.hashed_words import margins
from pipeline.signals.kernels.utf8 import utf8
from pipeline.signals.quality_model import FIGURES, WEIGHTS, read_learnt
from pipeline.signals.stage import Signals
from pipeline.store import Store
from tests.pipeline.signals.measuring import documents
from tests.pipeline.signals.taught import FINE, POOR, examples, taught, text
from tests.support import made


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return taught(tmp_path_factory.mktemp("examples"))


def scores(learnt, texts):
    return Quality().scored(documents(*texts), learnt)["score"].to_numpy()


def test_texts_that_were_not_learnt_from_are_told_apart(stage):
    learnt, figures = stage.learn(*examples())
    good, bad = examples(seed=1)
    assert scores(learnt, good).mean() > 0.9
    assert scores(learnt, bad).mean() < 0.1
    assert figures["accuracy"] > 0.9
    assert figures["area_under_curve"] > 0.95


def test_a_score_is_the_share_of_good_texts_with_such_a_margin(stage):
    chance = random.Random(3)
    mixed = [
        (text(FINE, chance, good) + " " + text(POOR, chance, 24 - good), good / 24)
        for good in (chance.randrange(25) for _ in range(3000))
    ]
    good = [t for t, share in mixed if chance.random() < share]
    bad = [t for t, _ in mixed if t not in set(good)]
    learnt, _ = stage.learn(good[::2], bad[::2])
    found = scores(learnt, good[1::2] + bad[1::2])
    truth = np.array([1] * len(good[1::2]) + [0] * len(bad[1::2]))
    for low, high in ((0, 0.35), (0.35, 0.65), (0.65, 1.01)):
        chosen = (found >= low) & (found < high)
        assert truth[chosen].mean() == pytest.approx(found[chosen].mean(), abs=0.1)


def test_the_order_of_examples_and_copies_change_nothing(stage):
    good, bad = examples()
    one, figures = stage.learn(good, bad)
    other, same_figures = stage.learn([*good[::-1], good[3]], bad[5:] + bad[:5])
    assert figures == same_figures
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a, b)


def test_a_margin_is_the_mean_weight_of_words_and_pairs_of_neighbours():
    weights = np.arange(1 << 10, dtype=np.float32)

    def margin(text, bias=0.0):
        column = (*utf8(pa.array([text])), kinds(), lower_case())
        return margins(*column, weights, bias)[0]

    assert margin("", 0.25) == 0.25
    one, two = margin("alpha"), margin("beta")
    pair = 3 * margin("Alpha -- beta!") - one - two
    assert margin("alpha beta alpha") == pytest.approx(
        (2 * one + two + pair + 3 * margin("beta alpha") - one - two) / 5
    )
    assert pair == int(pair)


def test_the_stage_makes_a_file_that_the_family_reads(stage, tmp_path):
    store = Store.at(str(tmp_path / "store"))
    manifest = made(stage, store)
    (shard,) = manifest.shards
    receipt = store.find_receipt(shard.stage, shard.shard_key)
    names = {file.name for file in receipt.files}
    assert names == {WEIGHTS, FIGURES}
    content = store.open_file(receipt, WEIGHTS).read()
    learnt, _ = stage.learn(*examples())
    assert np.array_equal(read_learnt(content).weights, learnt.weights)
    measure = Quality().ready({"quality_model": content})
    batch = documents("the miller told of the river", "win cash now", None)
    rows = Signals(family=Quality()).signals(
        batch.add_column(0, "doc_id", pa.array([b"%016d" % n for n in range(3)], pa.binary(16))),
        measure,
    )
    assert rows["score"][0].as_py() > rows["score"][1].as_py()
    assert rows["score"][2].as_py() is None


def test_examples_count_by_their_content_wherever_they_lie(stage, tmp_path):
    moved = tmp_path / "moved.jsonl"
    moved.write_bytes(Path(stage.good[0]).read_bytes())
    elsewhere = stage.model_copy(update={"good": (str(moved),)})
    assert key_parts(stage, {}, {}).key() == key_parts(elsewhere, {}, {}).key()
    moved.write_text(json.dumps({"text": "another"}) + "\n")
    assert key_parts(stage, {}, {}).key() != key_parts(elsewhere, {}, {}).key()


def test_examples_that_teach_nothing_are_refused_in_words(stage, tmp_path):
    good, bad = examples()
    with pytest.raises(BadExamples, match="3 different bad texts"):
        stage.learn(good, bad[:3])
    with pytest.raises(BadExamples, match="among the good and the bad"):
        stage.learn(good, [*bad, good[0]])
    missing = stage.model_copy(update={"bad": (str(tmp_path / "none.jsonl"),)})
    with pytest.raises(BadTextFile, match=r"none\.jsonl"):
        missing.assets()
