"""What networks and busy stores do costs time, and nothing else; what stays is told."""

import os
import random
import threading

import pytest

from pipeline.errors import StoreUnreachable
from pipeline.storage import object_calls, objects
from pipeline.storage.log import Log
from pipeline.storage.object_client import ANSWER_VARIABLE
from pipeline.storage.objects import ObjectFiles
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from schemas.run import Reference
from tests.fault_proxy import FaultProxy, seeded
from tests.pipeline.storage.test_crashes import (
    assert_all_that_is_visible_is_whole,
    assert_collection_leaves_only_what_is_named,
    manifests,
)
from tests.pipeline.storage.tiny import run


@pytest.fixture
def faulty(s3, s3_endpoint, monkeypatch):
    """`faulty(rule)`: a proxy that stands between this process and its store from now on."""
    proxies = []

    def stand(rule):
        proxy = FaultProxy(s3_endpoint, rule).__enter__()
        proxies.append(proxy)
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        return proxy

    monkeypatch.setenv(ANSWER_VARIABLE, "2")
    yield stand
    for proxy in proxies:
        proxy.__exit__()


def first(times, kind, *, method, part):
    """A rule: the first requests of a method to paths with that part."""
    left = [kind] * times

    def rule(request):
        return (
            left.pop()
            if left and (method, part in request.path) == (request.method, True)
            else None
        )

    return rule


def test_a_run_through_faults_ends_with_the_same_digests(s3, s3_endpoint, faulty, place):
    at = s3()
    Store.at(at)
    proxy = faulty(seeded(1, share=0.12))
    made = run("report", Store.at(at))
    assert sum(proxy.done.values()) > 5
    os.environ["AWS_ENDPOINT_URL"] = s3_endpoint
    store = Store.at(at)
    assert made.digest() == run("report", Store.at(place / "store")).digest()
    assert len([*manifests(store)]) == 3
    assert_collection_leaves_only_what_is_named(store)


def test_two_drivers_through_faults_end_with_one_version(s3, s3_endpoint, faulty, drivers):
    at = s3()
    Store.at(at)
    faulty(seeded(3, share=0.1, kinds=("busy", "reset", "lost", "cut", "taken", "slow")))
    assert drivers(*[{"chain": "judged", "root": at, "last": 0}] * 2) == [0, 0]
    os.environ["AWS_ENDPOINT_URL"] = s3_endpoint
    assert_all_that_is_visible_is_whole(Store.at(at))
    assert len([*manifests(Store.at(at))]) == 2


def test_a_create_whose_answer_is_lost_finds_out_that_it_was_its_own(s3, faulty):
    at = s3()
    proxy = faulty(first(3, "lost", method="PUT", part="refs"))
    log = Log(ObjectFiles(at), "refs/tags/words/web/prod", Reference)
    ref = ArtifactRef(stage="words", key="0" * 64)
    log.append(lambda n: Reference(label=f"{n}", ref=ref, who="ada", why="", when=""))
    assert proxy.done["lost"] > 0
    assert log.numbers() == [1]


def test_a_create_whose_answer_is_lost_and_that_was_second_finds_out_that_too(s3, faulty):
    at = s3()
    ObjectFiles(at).create("a", b"theirs")
    faulty(first(1, "lost", method="PUT", part="a"))
    assert not ObjectFiles(at).create("a", b"theirs")


def test_a_storm_of_refusals_is_no_reason_to_believe_that_somebody_was_first(s3, faulty):
    at = s3()
    proxy = faulty(first(6, "taken", method="PUT", part="a"))
    assert ObjectFiles(at).create("a", b"mine")
    assert proxy.done["taken"] == 6
    assert ObjectFiles(at).read("a") == b"mine"


def test_an_upload_whose_confirmation_is_lost_is_there(s3, faulty, tmp_path, monkeypatch):
    monkeypatch.setattr(objects, "PART_BYTES", 5 * 2**20)
    source = tmp_path / "source"
    source.write_bytes(random.Random(3).randbytes(11 * 2**20))
    at = s3()
    proxy = faulty(first(1, "lost", method="POST", part="uploadId"))
    ObjectFiles(at).put("shards/x/large", source)
    assert proxy.done["lost"] == 1
    assert ObjectFiles(at).local("shards/x/large", tmp_path).read_bytes() == source.read_bytes()


@pytest.mark.parametrize("kind", ["cut", "short", "reset", "busy"])
def test_a_download_that_breaks_is_gone_on_with(kind, s3, faulty, tmp_path):
    at = s3()
    content = random.Random(4).randbytes(3 * 2**20)
    ObjectFiles(at).create("shards/x/file", content)
    proxy = faulty(first(2, kind, method="GET", part="shards"))
    assert ObjectFiles(at).open("shards/x/file").read() == content
    assert proxy.done[kind] == 2


def test_a_store_that_stays_away_is_named_and_the_same_command_goes_on(
    s3, s3_endpoint, faulty, place, monkeypatch
):
    monkeypatch.setattr(object_calls, "PATIENCE", 1.0)
    at = s3()
    Store.at(at)
    proxy = faulty(lambda request: "busy" if request.number > 40 else None)
    with pytest.raises(StoreUnreachable, match=r"it answers 503( SlowDown)?\.\nLook at the"):
        run("report", Store.at(at))
    assert proxy.done["busy"] > 2
    os.environ["AWS_ENDPOINT_URL"] = s3_endpoint
    assert_all_that_is_visible_is_whole(Store.at(at))
    assert run("report", Store.at(at)).digest() == run("report", Store.at(place / "s")).digest()


def test_a_reader_sees_whole_versions_only_while_a_run_goes_through_faults(s3, s3_endpoint, faulty):
    at = s3()
    reader = Store.at(at)
    reader.files.size("store.json")  # its client is the one without faults
    faulty(seeded(5, share=0.1, kinds=("busy", "reset", "lost", "cut", "taken", "slow")))
    writer, ended, looks = Store.at(at), threading.Event(), 0
    thread = threading.Thread(target=lambda: (run("judged", writer), ended.set()))
    thread.start()
    while not ended.is_set() and thread.is_alive():
        assert_all_that_is_visible_is_whole(Store(reader.files))
        looks += 1
    thread.join()
    assert ended.is_set()
    assert looks > 0
