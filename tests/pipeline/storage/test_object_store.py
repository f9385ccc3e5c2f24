"""A store on an object store: the same promises, by other means."""

import io
import json
import os
import pickle
import random
import signal
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import NoStore, StoreError, StoreUnreachable
from pipeline.storage import object_calls, objects, probe
from pipeline.storage.errors import WeakStore
from pipeline.storage.founding import lacking, opened
from pipeline.storage.nearby import VARIABLE
from pipeline.storage.object_client import new_client
from pipeline.storage.objects import ObjectFiles
from pipeline.storage.places import files_at
from pipeline.store import Store
from tests.object_store import CREDENTIALS
from tests.pipeline.storage.test_crashes import (
    assert_all_that_is_visible_is_whole,
    assert_collection_leaves_only_what_is_named,
    manifests,
)
from tests.pipeline.storage.tiny import run


@pytest.fixture
def files(s3):
    return files_at(s3())


def test_of_writers_of_one_name_one_wins(files):
    won = []
    threads = [
        threading.Thread(target=lambda n=n: won.append((files.create("a/b", b"%d" % n), n)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = [n for mine, n in won if mine]
    assert len(won) == 8
    assert files.read("a/b") == b"%d" % first[0]
    assert len(first) == 1


def test_files_are_written_listed_measured_and_removed(files):
    names = ["b/key~2 (1)#%41.json", "a/one", "a/deep/two", "ü/☂"]
    for number, name in enumerate(names):
        assert files.create(name, b"x" * number)
    found = {entry.path: entry.size for entry in files.entries("")}
    assert found == {name: number for number, name in enumerate(names)}
    assert [entry.path for entry in files.entries("a")] == ["a/deep/two", "a/one"]
    assert [entry.path for entry in files.entries("")] == sorted(names)
    assert files.size("a/none") is None
    assert files.size("a/one") == 1
    files.replace("a/one", b"longer")
    assert files.read("a/one") == b"longer"
    files.delete("a/one")
    files.delete("a/one")
    with pytest.raises(FileNotFoundError):
        files.read("a/one")
    with pytest.raises(FileNotFoundError):
        files.open("a/one")


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_any_range_of_a_file_reads_as_it_was_written(files, tmp_path, size):
    source = tmp_path / "source"
    content = random.Random(size).randbytes(size)
    source.write_bytes(content)
    files.put("shards/x/file", source)
    draw, plain = random.Random(1), io.BytesIO(content)
    with files.open("shards/x/file") as far:
        for _ in range(30):
            place, count = draw.randint(0, size + 5), draw.choice([0, 1, 100, 2**18, 2**21])
            assert far.seek(place) == plain.seek(place)
            assert far.read(count) == plain.read(count)
            assert far.seek(-min(7, size), os.SEEK_END) == plain.seek(-min(7, size), os.SEEK_END)
            assert far.read() == plain.read()
    assert files.local("shards/x/file", tmp_path).read_bytes() == content


def test_a_large_upload_goes_in_parts_and_arrives_whole(files, tmp_path, monkeypatch):
    monkeypatch.setattr(objects, "PART_BYTES", 5 * 2**20)
    source = tmp_path / "source"
    source.write_bytes(random.Random(3).randbytes(12 * 2**20))
    files.put("shards/x/large", source)
    assert files.local("shards/x/large", tmp_path).read_bytes() == source.read_bytes()


def test_parquet_is_read_by_ranges(files, tmp_path):
    table = pa.table({"n": range(400_000), "text": [f"{n:040d}" for n in range(400_000)]})
    pq.write_table(table, tmp_path / "t", write_page_checksum=True, row_group_size=50_000)
    files.put("shards/x/t.parquet", tmp_path / "t")
    with pq.ParquetFile(files.open("shards/x/t.parquet"), page_checksum_verification=True) as file:
        assert file.read().equals(table)
        assert file.read_row_group(5, columns=["n"]).equals(table.select(["n"])[250_000:300_000])


def test_a_store_is_sent_by_its_name_alone(files):
    files.create("a", b"")  # the client is there
    sent = pickle.dumps(files)
    assert not [value for value in CREDENTIALS.values() if value.encode() in sent]
    assert pickle.loads(sent).read("a") == b""


def test_a_forked_process_is_refused_with_a_sentence_and_does_not_hang(files):
    files.create("a", b"")
    child = os.fork()
    if not child:
        try:
            files.read("a")
        except StoreUnreachable as error:
            os._exit(7 if "Start it anew (spawn)" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("s3://ada:hunter22@bucket/x", "the URI of a store names a place alone"),
        ("s3://bucket/x?X-Amz-Signature=hunter22", "names a place alone"),
        ("s3://", "names no bucket"),
        ("s3://bucket/../x", "names no bucket"),
    ],
)
def test_a_uri_that_says_more_than_a_place_is_refused_and_not_repeated(place, words):
    with pytest.raises(StoreUnreachable, match=words) as raised:
        Store.at(place)
    assert "hunter22" not in str(raised.value)


def test_what_is_wrong_is_told_in_a_sentence(s3, s3_endpoint, monkeypatch):
    monkeypatch.setattr(object_calls, "FIRST_PATIENCE", 0.5)
    with pytest.raises(NoStore):
        Store.at(s3(), create=False)
    with pytest.raises(StoreUnreachable, match=r"no such bucket.\nMake the bucket, or check --st"):
        Store.at("s3://bucket-of-nobody/store")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreUnreachable, match=r"nobody answers there.\nCheck the network") as said:
        Store.at("s3://some-bucket/store")
    assert said.value.__cause__ is said.value.__context__ is None


def test_a_store_without_tls_is_on_this_machine_or_asked_for(s3, monkeypatch):
    place = s3()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example:9000")
    with pytest.raises(StoreUnreachable, match=r"store.example is plain HTTP(?s:.*)AWS_ALLOW_HTTP"):
        Store.at(place)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost.example:9000")
    with pytest.raises(StoreUnreachable, match="plain HTTP"):
        Store.at(place)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "ann")
    new_client("az://container/store")  # whose endpoint that is not
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    new_client("s3://bucket/store")


def test_a_scratch_folder_that_cannot_be_made_is_named(files, monkeypatch):
    monkeypatch.setenv(VARIABLE, "/proc/nobody")
    with pytest.raises(StoreUnreachable, match="Set PENSTOCK_SCRATCH to a folder"):
        files.scratch()


def test_scratch_folders_are_private_and_found_when_they_are_old(files, tmp_path):
    folder = files.scratch()
    assert folder.parents[1].stat().st_mode & 0o077 == 0
    assert list(files.stale(time.time() - 60)) == []
    assert [found for found, _ in files.stale(time.time() + 600)] == [folder]
    assert files.durable("job") == files.durable("job")
    assert [*files.entries("")] == []


def test_two_drivers_end_with_one_version_which_is_the_one_on_disk(s3, place, drivers):
    at = s3()
    assert drivers(*[{"chain": "report", "root": at, "last": 0}] * 2) == [0, 0]
    store = Store.at(at, create=False)
    stages = [manifest.stage for manifest in manifests(store)]
    assert len(stages) == len(set(stages)) == 3
    assert_collection_leaves_only_what_is_named(store)
    assert run("report", store).digest() == run("report", Store.at(place / "store")).digest()


@pytest.mark.parametrize("last", [28, 34, 40, 46])
def test_a_kill_at_some_operations_is_survived(last, s3, place, drivers):
    at = s3()
    assert drivers({"chain": "judged", "root": at, "last": last}) == [-signal.SIGKILL]
    store = Store.at(at)
    assert_all_that_is_visible_is_whole(store)
    assert run("judged", store).digest() == run("judged", Store.at(place / "store")).digest()
    assert_collection_leaves_only_what_is_named(store)


class Overwriting(ObjectFiles):
    """An object store that does not heed `If-None-Match`."""

    def _put(self, client, path, content, mark):
        super()._put(client, path, content, None)


class Late(ObjectFiles):
    """An object store whose listings lack the last that was written."""

    def entries(self, folder):
        return iter([*super().entries(folder)][:-1])


@pytest.mark.parametrize(("kind", "point"), [(Overwriting, probe.CREATES), (Late, probe.LISTS)])
def test_a_store_is_not_founded_on_a_weak_place_unless_that_is_accepted(kind, point, s3):
    files = kind(s3())
    with pytest.raises(WeakStore, match="--accept-weak-store") as said:
        opened(files, create=True)
    assert point in str(said.value)
    opened(files, create=True, accept_weak=True)
    assert point in lacking(files)
    again = ObjectFiles(files.uri)
    opened(again, create=False)
    assert again.conditional is (kind is Late)
    assert run("judged", Store(files)).rows["judged"] > 0


def test_a_store_is_tried_out_once(s3, monkeypatch):
    place = s3()
    Store.at(place)
    assert json.loads(files_at(place).read("store.json"))["lacks"] == []
    assert [entry.path for entry in files_at(place).entries("")] == ["store.json"]
    monkeypatch.setattr(probe, "weak_points", None)
    Store.at(place)


def test_access_that_is_denied_is_told_without_what_the_store_said(s3, monkeypatch):
    """A refused signature is answered with the key and the text that was signed."""
    key = CREDENTIALS["AWS_ACCESS_KEY_ID"]
    body = f"<Error><Code>SignatureDoesNotMatch</Code><Key>{key}</Key></Error>".encode()

    class Denying(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Denying) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(StoreUnreachable, match="access is denied") as e:
            Store.at("s3://bucket/store")
        server.shutdown()
    told = "".join(traceback.format_exception(e.value))
    assert "denied (SignatureDoesNotMatch)" in told
    assert "Check AWS_SECRET_ACCESS_KEY in the environment" in told
    assert key not in told


def test_a_damaged_download_is_refused(files, tmp_path):
    store = Store(files)
    opened(files, create=True)
    receipt = store.receipt(run("words", store).shards[0])
    file = receipt.table("words").file
    content = bytearray(files.read(file.path))
    content[5] ^= 1
    files.replace(file.path, bytes(content))
    with pytest.raises(StoreError, match="its bytes are not those that were written"):
        store.local(file, tmp_path)
