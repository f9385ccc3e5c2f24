"""What an encrypted store gives back is what was put there, or an error that names the file."""

import base64
import hashlib
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import DamagedFile
from pipeline.storage.encryption.errors import WrongKey
from pipeline.storage.encryption.seal import HEAD_BYTES, SEGMENT, STEP
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from tests.pipeline.storage.encryption import keys

PATH = "notes/some/file"
SIZES = [n * SEGMENT + more for n in (0, 1, 2, 70) for more in (-17, -1, 0, 1, 15, 16, 17)]
SIZES = [size for size in SIZES if size >= 0]
BYTES = secrets.token_bytes(max(SIZES))
places = st.sampled_from(SIZES) | st.integers(0, max(SIZES) + 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("sealed")
        keys.use(patch, path / "keys")
        yield path


@pytest.fixture(scope="module")
def files(folder):
    return Store.at(folder / "store").files


@settings(max_examples=60)
@given(
    size=st.sampled_from(SIZES) | st.integers(0, 3 * SEGMENT),
    ranges=st.lists(st.tuples(places, places), max_size=6),
    by_put=st.booleans(),
)
def test_any_range_of_a_file_of_any_size_is_as_it_was_put(files, folder, size, ranges, by_put):
    content, path = BYTES[:size], f"{PATH}-{secrets.token_hex(8)}"
    if by_put:
        (folder / "source").write_bytes(content)
        files.put(path, folder / "source")
    else:
        assert files.create(path, content)
        assert not files.create(path, b"")
    assert files.read(path) == content
    assert files.size(path) == size
    assert [entry.size for entry in files.entries("notes") if entry.path == path] == [size]
    with files.open(path) as file:
        for start, length in ranges:
            file.seek(start)
            assert file.read(length) == content[start : start + length]
        file.seek(0)
        assert file.read() == content
    files.delete(path)


@pytest.mark.parametrize("size", [0, 1, SEGMENT, SEGMENT + 1])
def test_the_form_is_the_one_that_is_written_down(files, folder, size):
    """Opened here by what the docstrings say, with no code of ours."""
    files.replace(PATH, BYTES[:size])
    sealed, root = files.lying(PATH), folder / "store"
    number, salt, length = sealed[8:20], sealed[20:52], sealed[52:60]
    (wrapped,) = (root / "keys/one").iterdir()
    assert (sealed[:8], wrapped.name) == (b"PENSEAL1", number.hex())
    name, text = (folder / "keys").read_text().splitlines()[-1].split()
    record = (root / "store.json").read_text()
    identity = bytes.fromhex(record.split('"id": "')[1][:32])
    bound, content = b"penstock data key 1\0" + identity + number, wrapped.read_bytes()
    cipher = AESGCM(base64.b64decode(text))
    data_key = cipher.decrypt(content[:12], content[12:], bound + name.encode())
    info = b"penstock file 1\0" + identity + sealed[:60]
    cipher = AESGCM(HKDF(SHA256(), 32, salt, info).derive(data_key))
    pieces = [sealed[start : start + STEP] for start in range(60, len(sealed), STEP)]
    opened = b""
    for n, piece in enumerate(pieces):
        nonce = n.to_bytes(11, "big") + bytes([n == len(pieces) - 1])
        opened += cipher.decrypt(nonce, piece, PATH.encode())
    assert (opened, int.from_bytes(length, "big")) == (BYTES[:size], size)


def assert_refused(files, path=PATH):
    """However it is read, an error comes that names the file."""
    with pytest.raises(DamagedFile, match=path):
        files.read(path)
    with pytest.raises(DamagedFile, match=path), files.open(path) as file:
        file.read()


def test_every_flipped_bit_is_noticed(files, folder):
    files.replace(PATH, b"forty bytes of a page, or a few more yet")
    sealed = files.lying(PATH)
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        (folder / "store" / PATH).write_bytes(changed)
        with pytest.raises(DamagedFile, match=PATH):
            files.read(PATH)
    for place in (0, 9, 30, 59, 60, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        files.beneath.replace(PATH, bytes(changed))
        assert_refused(files)


def rearranged(head, first, second, last):
    """What can be done with the pieces of a file of three segments, without a key."""
    return {
        "cut at a segment": head + first + second,
        "cut to its first segment": head + first,
        "cut to its head": head,
        "cut in its head": head[:20],
        "nothing": b"",
        "cut by a byte": head + first + second + last[:-1],
        "one byte more": head + first + second + last + b"\0",
        "a segment more": head + first + second + first + last,
        "in another order": head + second + first + last,
        "one segment twice": head + first + first + last,
        "last first": head + last + first + second,
    }


def test_cuts_additions_and_another_order_are_noticed(files):
    files.replace(PATH, BYTES[: 2 * SEGMENT + 100])
    sealed = files.lying(PATH)
    head, body = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
    parts = rearranged(head, body[:STEP], body[STEP : 2 * STEP], body[2 * STEP :])
    for changed in parts.values():
        assert changed != sealed
        files.beneath.replace(PATH, changed)
        assert_refused(files)
    for length in (SEGMENT, 2 * SEGMENT):  # with a length in the head that fits the cut
        shorter = head[:-8] + length.to_bytes(8, "big") + body[: length // SEGMENT * STEP]
        files.beneath.replace(PATH, shorter)
        assert_refused(files)


def test_a_part_of_a_changed_file_is_never_given(files):
    files.replace(PATH, BYTES[: 3 * SEGMENT])
    changed = bytearray(files.lying(PATH))
    changed[HEAD_BYTES + STEP + 5] ^= 1
    files.beneath.replace(PATH, bytes(changed))
    with files.open(PATH) as file:
        assert file.read(SEGMENT) == BYTES[:SEGMENT]
        with pytest.raises(DamagedFile, match=PATH):
            file.read(1)
        file.seek(2 * SEGMENT)
        assert file.read() == BYTES[2 * SEGMENT : 3 * SEGMENT]


def test_a_file_is_taken_for_no_other_of_its_store_nor_of_another_with_the_same_keys(files, folder):
    other = Store.at(folder / "other").files
    for each, path, content in ((files, PATH, b"one"), (files, "a/b", b"two"), (other, PATH, b"3")):
        each.replace(path, content)
    files.beneath.replace(PATH, files.lying("a/b"))
    assert_refused(files)
    files.beneath.replace(PATH, other.lying(PATH))
    assert_refused(files)
    for entry in other.beneath.entries("keys"):  # with the other store's data key as well
        files.beneath.create(entry.path, other.beneath.read(entry.path))
    with pytest.raises(WrongKey, match="or the wrapped one in keys/ is damaged"):
        files.read(PATH)


def test_what_is_set_aside_bears_no_hash_of_what_it_holds_in_its_name(files, folder):
    store, ref = Store(files), ArtifactRef(stage="pages", key="a" * 64)
    receipt = store.receipt_path("pages", "b" * 64)
    for path in (receipt, f"versions/pages/{ref.key}.json"):
        files.create(path, b"content")
    store.set_aside("pages", "b" * 64)
    store.set_manifest_aside(ref)
    aside = [entry.path for entry in files.entries("") if "aside" in entry.path]
    assert [files.read(path) for path in aside] == [b"content"] * 2
    assert not [path for path in aside if hashlib.sha256(b"content").hexdigest()[:12] in path]


def test_no_two_files_of_one_content_are_alike(files):
    files.replace(PATH, b"the same")
    first = files.lying(PATH)
    files.replace(PATH, b"the same")
    assert first[20:] != files.lying(PATH)[20:]
    assert b"the same" not in first
