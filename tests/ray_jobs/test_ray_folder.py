"""The folder of Ray's sessions is for its owner alone."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ray_jobs.errors import ForeignFolder, LongFolder
from ray_jobs.ray_folder import VARIABLE, private_folder, sessions


@pytest.fixture(autouse=True)
def place(monkeypatch):
    with TemporaryDirectory(prefix="r", dir="/tmp") as folder:  # pytest's own have long paths
        monkeypatch.setenv(VARIABLE, folder)
        yield Path(folder)


def test_nobody_else_may_enter(place):
    assert sessions().parent == sessions().parent == private_folder()
    assert private_folder().stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_or_have_made_is_refused(place):
    private_folder().mkdir()
    private_folder().chmod(0o755)
    with pytest.raises(ForeignFolder, match=r"(?s)not this user's alone.*RAY_TMPDIR"):
        sessions()
    private_folder().rmdir()
    private_folder().symlink_to(place)
    with pytest.raises(ForeignFolder):
        sessions()


@pytest.mark.parametrize("what", ["file", "dangling link"])
def test_what_somebody_else_has_put_there_is_refused_in_a_sentence(place, what):
    if what == "file":
        private_folder().write_text("")
    else:
        private_folder().symlink_to(place / "nowhere")
    with pytest.raises(ForeignFolder, match="not this user's alone"):
        sessions()


@pytest.mark.parametrize("variable", [VARIABLE, "TMPDIR"])
def test_a_folder_whose_sockets_would_have_too_long_a_path_is_told(place, monkeypatch, variable):
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv(variable, str(place / ("x" * 99)))
    with pytest.raises(LongFolder, match=r"(?s)x is \d+ bytes too long for Ray.*RAY_TMPDIR"):
        sessions()
    assert list(place.iterdir()) == []
