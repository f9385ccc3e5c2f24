"""The folder of Ray's sessions is for its owner alone."""

import pytest

from ray_jobs.errors import ForeignFolder
from ray_jobs.ray_folder import VARIABLE, private_folder, sessions


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


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
