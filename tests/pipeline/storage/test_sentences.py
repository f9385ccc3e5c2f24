"""When the store cannot do its work, a sentence says what is wrong and what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import MissingArtifact, NoStore, StoreUnreachable, WrongFormat
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from tests.pipeline.storage.tiny import run

ROOT = Path(__file__).parents[3]
AS_NOBODY = """
import os, sys
from pipeline.errors import StoreUnreachable
from pipeline.store import Store
from pipeline.storage.gc import plan_sweep
from pipeline.storage.roots import Keep
from tests.pipeline.storage.tiny import run
run("report", Store.at({warm!r}))  # loads all modules while they may be read
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    {action}
except StoreUnreachable as error:
    print(error)
"""


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "penstock-test", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes the rights of root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place, leave):
    """Fill the disk until `leave` bytes are free; returns the file that does it."""
    free = os.statvfs(place)
    (place / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize - leave))
    return place / "filler"


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16384, 32768])
def test_a_full_disk_is_named_and_the_same_command_goes_on(small_disk, leave):
    store = Store.at(small_disk / "store")
    run("words", store)
    filler = fill(small_disk, leave)
    with pytest.raises(StoreUnreachable) as raised:
        run("report", store)
    assert "the disk is full" in str(raised.value)
    assert str(small_disk) in str(raised.value)
    assert "Free some space there, or point --store to a larger disk" in str(raised.value)
    filler.unlink()
    assert store.intact(run("report", Store.at(small_disk / "store")))


def as_nobody(action, warm):
    if os.geteuid():
        pytest.skip("becoming another user takes the rights of root")
    code = AS_NOBODY.format(action=action, warm=str(warm))
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    ("mode", "action"),
    [
        (0o755, "run('report', Store.at({root!r}))"),
        (0o700, "Store.at({root!r})"),
        (0o700, "Store.at({root!r}, create=False)"),
    ],
)
def test_a_store_of_somebody_else_asks_for_the_right(place, mode, action):
    place.chmod(0o755)
    root = place / "store"
    run("words", Store.at(root))
    root.chmod(mode)
    said = as_nobody(action.format(root=str(root)), place / "warm")
    assert str(root) in said
    assert "permission denied" in said
    assert "Give this user the right to read and write there" in said


def test_what_may_not_be_read_is_not_taken_for_gone(place):
    place.chmod(0o755)
    root = place / "store"
    run("report", Store.at(root))
    (root / "versions").chmod(0o700)
    said = as_nobody(
        f"print(plan_sweep(Store.at({str(root)!r}), Keep(grace_seconds=0)))", place / "warm"
    )
    assert "versions: permission denied" in said


def test_a_place_that_is_a_file_is_refused(place):
    (place / "store").write_text("not a folder")
    for at in (place / "store", place / "store" / "below"):
        with pytest.raises(StoreUnreachable, match="is a file: point --store to a folder"):
            Store.at(at)


def test_a_place_that_cannot_be_made_is_refused():
    with pytest.raises(StoreUnreachable, match="/proc/store"):
        Store.at("/proc/store")


def test_a_kind_of_store_that_is_not_known_is_refused():
    with pytest.raises(StoreUnreachable, match=r"ftp:// are not known here.\nName a folder"):
        Store.at("ftp://somewhere/store")


def test_a_store_that_is_not_there_is_not_made_by_reading(place):
    with pytest.raises(NoStore, match=f"There is no store at {place}/none: `penstock run`"):
        Store.at(place / "none", create=False)
    assert not (place / "none").exists()


def test_something_else_than_a_store_is_refused(place):
    (place / "store.json").write_text("<html>")
    with pytest.raises(StoreUnreachable, match="no store is to be read there"):
        Store.at(place)


def test_a_store_of_another_format_is_refused(place):
    Store.at(place)
    (place / "store.json").write_text(json.dumps({"format": 7, "store": "penstock"}))
    with pytest.raises(
        WrongFormat, match=r"is of format 7, but this code reads and writes format 1"
    ):
        Store.at(place)


def test_a_manifest_of_another_format_is_refused(place):
    store = Store.at(place)
    manifest = run("words", store)
    path = place / f"versions/words/{manifest.ref.key}.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2', 1))
    with pytest.raises(WrongFormat, match=r"manifest of words@.* is of format 2"):
        Store.at(place).open(manifest.ref)


def test_a_version_that_nobody_made_is_named(place):
    store = Store.at(place)
    run("words", store)
    with pytest.raises(MissingArtifact, match="corpus@000000000000 is not in the store"):
        store.open(ArtifactRef(stage="corpus", key="0" * 64))
    with pytest.raises(MissingArtifact, match="There are words"):
        References(store).resolve("corpus/web@latest")
