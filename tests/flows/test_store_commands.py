"""The commands over a store: verify, gc, rerun."""

import pytest

from flows.cli import main
from pipeline.store import Store
from tests.tiny_corpus import copied


@pytest.fixture
def penstock(tmp_path, capsys):
    folder = copied(tmp_path)

    def command(*words, code=0):
        assert main([*words, "--store", str(folder / "store")]) == code
        shown = capsys.readouterr()
        return shown.out + shown.err

    command.store = Store.at(folder / "store")
    return command


def test_a_flipped_bit_is_found_named_and_repaired(penstock):
    assert "all as they were written" in penstock("verify")
    corpus = next(penstock.store.manifests("corpus"))
    file = penstock.store.receipt(corpus.shards[0]).tables[0].file
    path = penstock.store.files.root / file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    shown = penstock("verify", code=1).replace("\n", "")
    assert file.path in shown
    assert "1 damaged" in penstock("verify", f"corpus@{corpus.ref.key[:12]}", code=1)
    assert "all as they were written" in penstock("verify", "documents")
    assert "run the recipe again" in penstock("verify", "--repair")
    assert Store.at(penstock.store.files.root).receipt(corpus.shards[0]) is None


def test_a_version_made_again_is_equal(penstock):
    assert "equal, 4 shards made again" in penstock("rerun", "verdicts")
    assert "cannot be made a second time" in penstock("rerun", "pages", code=1)


def test_collecting_needs_a_reason_and_keeps_what_is_named(penstock):
    assert "Say why" in penstock("gc", code=1)
    assert "0 files, 0.0 MB would go." in penstock("gc", "--dry-run")
    penstock("gc", "--hours", "0", "--labels", "1", "--runs", "1", "--why", "a test")
    assert "all as they were written" in penstock("verify", "corpus")
    assert penstock("sample", "corpus", "-n", "1")
