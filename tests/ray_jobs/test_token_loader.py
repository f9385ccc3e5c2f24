"""Which rows a step sees, and what of them is to be foretold."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ray_jobs.errors import BadTokenRows
from ray_jobs.token_loader import NO_TARGET, TokenRows, rows_of_step, slice_of_rank
from tests.ray_jobs.tiny import rows_table


@given(
    step=st.integers(0, 10**6),
    rows=st.integers(1, 60),
    rows_per_step=st.integers(1, 40),
    seed=st.integers(0, 2**31),
    world_size=st.integers(1, 8),
)
def test_workers_together_see_what_one_worker_sees(step, rows, rows_per_step, seed, world_size):
    alone = rows_of_step(step, rows=rows, rows_per_step=rows_per_step, seed=seed)
    slices = [slice_of_rank(alone, rank=r, world_size=world_size) for r in range(world_size)]
    assert len(alone) == rows_per_step
    assert np.concatenate(slices).tolist() == alone.tolist()


@given(rows=st.integers(1, 50), rows_per_step=st.integers(1, 20), seed=st.integers(0, 99))
def test_an_epoch_sees_every_row_once(rows, rows_per_step, seed):
    steps = range(3 * rows // rows_per_step + 1)
    seen = [rows_of_step(s, rows=rows, rows_per_step=rows_per_step, seed=seed) for s in steps]
    stream = np.concatenate(seen)
    for epoch in (0, 1, 2):
        part = stream[epoch * rows : (epoch + 1) * rows]
        assert sorted(part.tolist()) == list(range(rows))


def test_epochs_and_seeds_have_orders_of_their_own():
    def stream(seed):
        return rows_of_step(0, rows=100, rows_per_step=200, seed=seed).tolist()

    assert stream(0)[:100] != stream(0)[100:]
    assert stream(0) != stream(1)
    assert stream(0)[:8] == [28, 85, 86, 90, 54, 24, 15, 0]  # for ever: a resume relies on it


def test_a_billion_tokens_are_skipped_at_once():
    start = time.perf_counter()
    rows_of_step(10**9 // 2**11, rows=100_000, rows_per_step=8, seed=0)
    assert time.perf_counter() - start < 10  # epoch by epoch it is a minute


@given(data=st.data(), length=st.integers(2, 12))
def test_targets_stay_within_their_document(data, length):
    ids = data.draw(st.lists(st.integers(0, 9), min_size=length, max_size=length))
    inner = data.draw(st.sets(st.integers(1, length - 1)))
    used = data.draw(st.integers(1, length))
    starts = [0, *sorted(s for s in inner if s < used)]
    rows = TokenRows.of_table(rows_table([ids], [starts], [used]), vocabulary=10)
    batch = rows.batch(np.array([0]))
    expected = [ids[i] if i not in starts and i < used else NO_TARGET for i in range(1, length)]
    assert batch.targets[0].tolist() == expected
    assert batch.inputs[0].tolist() == ids[:-1]
    assert rows.targets.tolist() == [sum(t != NO_TARGET for t in expected)]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [([], "there are none"), ([[1, 2], [1, 2, 3]], r"\[2, 3\] tokens"), ([[1, 9]], "id 9")],
)
def test_rows_that_fit_no_network_are_refused(rows, problem):
    table = rows_table(rows, [[0]] * len(rows), [2] * len(rows))
    with pytest.raises(BadTokenRows, match=problem):
        TokenRows.of_table(table, vocabulary=9)
