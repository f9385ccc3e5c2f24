"""A server that dies while a run goes on: the run goes on, and the store has its result."""

from pipeline.run.history import runs
from pipeline.store import Store
from tests.flows.shown.conftest import run_little


def test_a_server_that_dies_in_mid_run_changes_nothing_in_the_store(prefect_api, tmp_path):
    said = run_little(tmp_path, prefect_api, "cut")
    assert "ended by" in said  # Prefect could not tell anybody that the run had ended
    store = Store.at(tmp_path / "store")
    log = runs(store, "cut_off")
    (run,) = [log.get(number) for number in log.numbers()]
    assert store.open(run.stages["corpus"].ref).rows["corpus"] == 30
