"""`penstock serve` of the tiny corpus, as a process of its own on a real server."""

import contextlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.flows.prefect_home import migrated
from tests.flows.prefect_server import ROOT, ask, end, environment, free_port, wait_until
from tests.tiny_corpus import RECIPE, copied, recipe_file

ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
SECTIONS = """
[schedule]
cron = "30 2 * * *"
timezone = "Europe/Berlin"
[cost]
price_per_hour = 3600000
ask_above = 5
"""


@dataclass
class Served:
    """What is served, and how a person would ask for it."""

    api: str
    folder: Path
    said: Path  # what the process has printed
    process: subprocess.Popen | None = None

    def deployment(self, flow, recipe="tiny"):
        return ask(self.api, f"deployments/name/{flow}/{recipe}")[1]

    def ask_for(self, flow, **order):
        """Fill in a form and press Run: status and answer."""
        filled = {"recipe": "tiny", "requested_by": "ann", "reason": "to see that it works"} | order
        path = f"deployments/{self.deployment(flow)['id']}/create_flow_run"
        return ask(self.api, path, {"parameters": {"order": filled}})

    def run(self, run_id):
        return ask(self.api, f"flow_runs/{run_id}")[1]

    def state(self, run_id, *kinds, seconds=180):
        """The state of a run once it is one of these."""

        def look():
            state = self.run(run_id)["state"]
            return state if state["type"] in kinds else None

        found = wait_until(look, seconds)
        assert found, (self.run(run_id)["state"], self.said.read_text()[-3000:])
        return found

    def says(self, run_id, words):
        """Whether a line of the run's log has these words: lines come some seconds later."""
        return wait_until(lambda: any(words in line for line in self.log(run_id)), 60)

    def log(self, run_id):
        asked = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"}
        return [line["message"] for line in ask(self.api, "logs/filter", asked)[1]]


@contextlib.contextmanager
def served_alone(recipe, folder, store, **more):
    """Serve a recipe with a server of its own; gives what is served."""
    folder.mkdir(parents=True, exist_ok=True)
    port, said = free_port(), folder / "serve.log"
    words = ["serve", str(recipe), "--store", str(store), "--port", str(port)]
    told = environment(migrated(folder / "home"), PYTHONUNBUFFERED="1", **more)
    with said.open("ab") as lines:
        before = lines.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", *words],
            cwd=ROOT,
            env=told,
            stdout=lines,
            stderr=lines,
        )
    try:
        up = wait_until(
            lambda: "Ctrl-C ends" in said.read_text()[before:] or process.poll() is not None, 180
        )
        assert up and process.poll() is None, said.read_text()
        yield Served(f"http://127.0.0.1:{port}/api", folder, said, process)
    finally:
        end(process, 60)


@contextlib.contextmanager
def served_tiny(folder, api, sections=SECTIONS, **more):
    """Serve the tiny corpus; ends with the context."""
    copied(folder)
    recipe = recipe_file(folder, RECIPE + sections)
    said = folder / "serve.log"
    told = environment(folder / "home", PREFECT_API_URL=api, PYTHONUNBUFFERED="1", **more)
    words = ["serve", str(recipe), "--store", str(folder / "store")]
    with said.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", *words],
            cwd=ROOT,
            env=told,
            stdout=lines,
            stderr=lines,
        )
    try:
        up = wait_until(lambda: "Ctrl-C ends" in said.read_text() or process.poll() is not None)
        assert up and process.poll() is None, said.read_text()
        yield Served(api, folder, said, process)
    finally:
        end(process)
