"""Two runs of the little corpus, shown at the server that the session shares."""

import json
import subprocess
import sys

import pytest

from tests.flows.prefect_server import ROOT, ask, environment


class Shown:
    """What the two runs show: by run, the first is 0."""

    def __init__(self, api, folder, runs):
        self.api, self.folder, self.runs = api, folder, runs

    def artifacts(self, number):
        """What of the key, behind the recipe's name -> the artifact."""
        wanted = {"flow_run_id": {"any_": [self.runs[number]["id"]]}}
        every = ask(self.api, "artifacts/filter", {"artifacts": wanted})[1]
        named = [each for each in every if each["key"]]
        return {each["key"].removeprefix("web-little-"): each for each in named}

    def rows(self, number, what):
        return json.loads(self.artifacts(number)[what]["data"])

    def text(self, number, what):
        return self.artifacts(number)[what]["data"]


@pytest.fixture(scope="session")
def shown(prefect_api, tmp_path_factory):
    """The second window lost a page, changed one, and has 20 pages of few words."""
    folder = tmp_path_factory.mktemp("shown")
    run_little(folder, prefect_api, "two")
    body = {"flow_runs": {"name": {"like_": "web_little"}}, "sort": "START_TIME_ASC"}
    return Shown(prefect_api, folder, ask(prefect_api, "flow_runs/filter", body)[1])


def run_little(folder, api, kind):
    """What `little.py` said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.shown.little", str(folder), api, kind],
        cwd=ROOT,
        env=environment(folder / "home"),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
