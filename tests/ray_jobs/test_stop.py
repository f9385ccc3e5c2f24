"""Stopping a job: heeded by whom it is meant for, by all workers at once, with nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

from ray_jobs import launch
from ray_jobs.run_folder import ORDER
from schemas.jobs import GenerateOrder, Passage
from tests.flows.prefect_server import wait_until

ROOT = Path(__file__).parents[2]
JOB = "tests.ray_jobs.patient_job"


def order(run, word):
    return GenerateOrder(model="none", prompt=word, run=str(run))


def test_a_job_whose_driver_was_killed_still_stops_though_the_next_driver_has_come(tmp_path):
    (tmp_path / ORDER).write_text(order(tmp_path, "first").model_dump_json())
    command = [sys.executable, "-m", JOB, str(tmp_path / ORDER)]
    first = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)
    assert wait_until(lambda: (tmp_path / "began").exists(), 60, 0.01)
    first.stdin.close()  # as the system does when the driver is killed
    second = order(tmp_path, "second")
    said = launch.run(JOB, second, second.run, Passage, launch.ignore, 0.0)
    assert first.wait(30) == 0
    assert (tmp_path / "stopped").read_text() == "first"
    assert said.text == "finished"
    assert (tmp_path / "finished").read_text() == "second"


def test_two_workers_leave_at_the_same_step_between_two_lines_of_metrics_and_go_on_alike(tmp_path):
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ray_jobs.rank", str(tmp_path), str(rank)], cwd=ROOT
        )
        for rank in (0, 1)
    ]
    assert [worker.wait(180) for worker in workers] == [0, 0]
    told = [json.loads((tmp_path / f"rank-{rank}.json").read_text()) for rank in (0, 1)]
    assert told[0] == told[1]
    stopped, resumed, straight = told[0]
    assert stopped["outcome"] == "stopped"
    assert stopped["step"] in (7, 8)  # it was asked for in step 7
    assert resumed["step"] == straight["step"] == 30
    assert resumed["weights"] == straight["weights"] != stopped["weights"]
