"""The token of a Ray of ours is there, and is for nobody else to read."""

import threading

import pytest

from ray_jobs.ray_token import is_private, keep_token_private, token_file


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_token_is_made_where_there_is_none(home):
    keep_token_private()
    assert token_file() == home / ".ray/auth_token"
    assert len(bytes.fromhex(token_file().read_text())) == 32
    assert token_file().stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (home / ".ray").iterdir()] == ["auth_token"]


def test_a_token_that_is_there_stays_and_becomes_private(home):
    (home / ".ray").mkdir()
    token_file().write_text("mine")
    token_file().chmod(0o644)
    assert not is_private(token_file())
    keep_token_private()
    assert token_file().read_text() == "mine"
    assert is_private(token_file())


def test_a_token_elsewhere_is_the_one_that_is_meant(home, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(home / "elsewhere/token"))
    keep_token_private()
    assert is_private(home / "elsewhere/token")
    assert not (home / ".ray").exists()


def test_who_makes_one_at_the_same_time_gets_the_same(home):
    seen = []

    def make():
        keep_token_private()
        seen.append(token_file().read_text())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(seen) == 8 and len(set(seen)) == 1
