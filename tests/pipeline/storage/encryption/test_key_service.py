"""A key service is asked once by each process, however often a store is opened there."""

import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.storage.encryption.settings import SERVICE_VARIABLE
from pipeline.store import Store
from tests.forking import fork, in_child, wait
from tests.pipeline.storage.encryption import keys

ASKED = keys.Counting.asked


@pytest.fixture(autouse=True)
def service(monkeypatch):
    monkeypatch.setenv(SERVICE_VARIABLE, f"{keys.HERE}:Slow")
    ASKED.clear()


@pytest.fixture
def root(tmp_path):
    """A store that another process has founded."""

    def found():
        Store.at(tmp_path / "store").files.create("a/file", b"content")

    assert in_child(found) == 0
    assert not ASKED
    return tmp_path / "store"


def read(root):
    return Store.at(root, create=False).files.read("a/file")


def test_to_found_a_store_it_is_asked_to_wrap_and_to_unwrap(tmp_path):
    files = Store.at(tmp_path / "store").files
    for n in range(5):
        files.create(f"a/{n}", b"content")
        assert files.read(f"a/{n}") == b"content"
    assert ASKED == ["wrap", "unwrap"]


def test_a_store_that_is_opened_for_each_unit_asks_it_once(root):
    files = Store.at(root, create=False).files
    for _ in range(3):
        assert read(root) == b"content"
        assert pickle.loads(pickle.dumps(files)).read("a/file") == b"content"
    assert ASKED == ["unwrap"]


def test_threads_that_open_a_store_at_once_ask_it_once(root):
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, [root] * 4)) == {b"content"}
    assert ASKED == ["unwrap"]


def test_a_child_goes_on_with_what_its_parent_has_unwrapped(root):
    read(root)

    def again():
        assert read(root) == b"content"
        assert ASKED == ["unwrap"]

    assert in_child(again) == 0


def test_a_child_that_is_forked_while_a_thread_asks_does_not_wait_for_that_thread(root):
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, root)
        while not ASKED:
            time.sleep(0.001)
        child = fork(lambda: read(root))
        assert wait(child) == 0
        assert reading.result() == b"content"


def test_another_store_and_other_keys_are_asked_for_anew(root, tmp_path, monkeypatch):
    read(root)
    Store.at(tmp_path / "other")
    assert ASKED == ["unwrap", "wrap", "unwrap"]
    monkeypatch.setenv(SERVICE_VARIABLE, f"{keys.HERE}:Counting")
    assert read(root) == b"content"
    assert ASKED == ["unwrap", "wrap", "unwrap", "unwrap"]
