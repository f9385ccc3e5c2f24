"""Keys and digests are the same on every Python, in every process, for ever."""

import json
import sysconfig
from pathlib import Path

import pytest

from tests.pipeline.versions.pythons import NAMES, run

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
FILES = 100


@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
@pytest.mark.parametrize("python", NAMES)
def test_keys_and_digests_are_golden_on_every_python(python, hash_seed):
    assert json.loads(run(python, HERE / "golden_values.py", hash_seed=hash_seed)) == GOLDEN


@pytest.fixture(scope="module")
def other_peoples_files():
    """About a hundred source files, spread over all that is installed."""
    found = sorted(
        path
        for path in Path(sysconfig.get_path("purelib")).rglob("*.py")
        if 2_000 < path.stat().st_size < 20_000
    )
    if len(found) < FILES:
        pytest.skip(f"only {len(found)} files are installed here; a hundred are wanted")
    return "\n".join(map(str, found[:: len(found) // FILES]))


@pytest.fixture(scope="module")
def expected(other_peoples_files):
    digests = json.loads(run("this Python", HERE / "digest_files.py", typed=other_peoples_files))
    assert len(set(digests.values())) > FILES // 2
    return digests


@pytest.mark.parametrize("python", NAMES)
def test_other_peoples_code_has_one_fingerprint_on_every_python(
    python, other_peoples_files, expected
):
    seen = json.loads(
        run(python, HERE / "digest_files.py", typed=other_peoples_files, hash_seed="7")
    )
    assert seen == expected
