"""Jobs in processes of their own, started, followed and stopped; Ray Train among them."""

import json
import time
from pathlib import Path
from threading import Thread

import psutil
import pytest

from ray_jobs import launch
from ray_jobs.environment import Environment
from ray_jobs.errors import JobFailed, JobRefused, JobStopped, TooFewResources
from ray_jobs.pretrain import per_worker
from ray_jobs.token_loader import TokenRows
from ray_jobs.train_loop import train
from schemas.jobs import EvaluateOrder, GenerateOrder, PretrainOrder, Resources
from tests.processes import words
from tests.ray_jobs.tiny import VOCABULARY, job, write_rows, write_tokenizer


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    tokenizer = write_tokenizer(folder / "tokenizer.json")
    return folder, *write_rows(folder, tokenizer)


def order(texts, run, *, workers=1, log_every=1, **settings):
    folder, rows, _ = texts
    return PretrainOrder(
        job=job(**settings),
        resources=Resources(
            workers=workers,
            threads=1,
            precision="float32",
            log_every=log_every,
            checkpoint_every=20,
        ),
        rows=(rows,),
        tokenizer=str(folder / "tokenizer.json"),
        output=str(run / "model"),
        run=str(run),
    )


def losses(run: Path) -> dict[int, float]:
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return {line["step"]: line["loss"] for line in map(json.loads, lines)}


def still_there(run: Path) -> list[str]:
    """Processes whose command line or environment names the run's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            about = " ".join([*process.cmdline(), *process.environ().values()])
        except psutil.Error:
            continue
        if str(run) in about and process.pid != psutil.Process().pid:
            found.append(about)
    return found


def listening(process):
    """The hosts and ports on which a process listens."""
    try:
        found = process.net_connections("tcp")
    except psutil.Error:
        return set()
    return {each.laddr for each in found if each.status == psutil.CONN_LISTEN}


class KillAWorker(Thread):
    """Kills one of the training workers as soon as a checkpoint is there; sees who listens."""

    def __init__(self, run: Path) -> None:
        super().__init__(daemon=True)
        self.run_folder, self.killed, self.open = run, "", set()

    def run(self) -> None:
        while not (there := list(self.run_folder.glob("checkpoints/*/manifest.json"))):
            time.sleep(0.005)
        below = psutil.Process().children(recursive=True)
        for process in below:
            if "RayTrainWorker" in words(process):
                process.kill()
                self.killed = there[0].parent.name
                break
        self.open = {place for each in below for place in listening(each)}


@pytest.mark.slow
def test_two_workers_learn_what_one_learns_though_one_is_killed(texts, tmp_path):
    ordered = order(texts, tmp_path / "ray", workers=2, steps=120, peak_lr=3e-4, muon_lr=3e-4)
    killer = KillAWorker(tmp_path / "ray")
    killer.start()
    result = launch.pretrain(ordered)
    killer.join()
    assert (result.outcome, result.step) == ("finished", 120)
    assert "" < killer.killed < "step-00000120"
    assert (tmp_path / "ray/job.log").read_text().count("[rank=0, world_size=2]") == 2
    assert not still_there(tmp_path)
    hosts = {place.ip.removeprefix("::ffff:") for place in killer.open}
    assert (len(killer.open) > 10, hosts) == (True, {"127.0.0.1"})

    rows = TokenRows.read(ordered.rows, vocabulary=VOCABULARY)
    place = Environment(tmp_path / "alone", ordered.resources)
    train(ordered.job, rows, place)
    alone, together = losses(tmp_path / "alone"), losses(tmp_path / "ray")
    assert list(together) == list(alone) == list(range(1, 121))
    assert together == pytest.approx(alone, abs=1e-4)

    scores = launch.evaluate(evaluation(texts, tmp_path, prompts=("The server",)))
    assert scores.model.tokens == scores.bigram.tokens == rows.targets.sum()
    assert scores.passages[0].startswith("The server")
    assert set(scores.model_by_language) == set(scores.bigram_by_language)
    text = launch.generate(
        GenerateOrder(model=str(tmp_path / "ray/model"), prompt="Le", run=str(tmp_path / "go"))
    )
    assert text.startswith("Le")


def evaluation(texts, run, **settings):
    _, rows, row_map = texts
    return EvaluateOrder(
        model=str(run / "ray/model"),
        rows=(rows,),
        row_map=(row_map,),
        train_rows=(rows,),
        run=str(run / "scores"),
        passage_tokens=20,
        **settings,
    )


class PressedCtrlC(KeyboardInterrupt):
    """As if somebody had pressed Ctrl-C."""


@pytest.mark.slow
def test_a_stopped_job_leaves_a_checkpoint_and_no_process(texts, tmp_path):
    ordered = order(texts, tmp_path, steps=10**6, log_every=20)

    def stop(metrics):
        raise PressedCtrlC

    with pytest.raises(PressedCtrlC):
        launch.pretrain(ordered, progress=stop)
    assert not still_there(tmp_path)
    left = sorted((tmp_path / "checkpoints").glob("*/manifest.json"))
    assert 1 <= json.loads(left[-1].read_text())["step"] < 10**6
    assert not (tmp_path / "model").exists()


def test_a_job_without_its_files_fails_with_its_last_words(texts, tmp_path):
    with pytest.raises(JobFailed, match=r"(?s)exit code 1 .*config|No such file"):
        launch.evaluate(evaluation(texts, tmp_path))


def test_more_than_the_machine_has_is_refused():
    two = [{"CPU": 2.0}]
    with pytest.raises(TooFewResources, match=r"asks for 8 CPU, but Ray has 2 CPU: it would wait"):
        per_worker(Resources(workers=4, threads=2), two, may_come=False)
    with pytest.raises(TooFewResources, match=r"asks for 2 CPU, 2 GPU, but Ray has 2 CPU, 0 GPU"):
        per_worker(Resources(workers=2, gpu=True), two, may_come=False)
    assert issubclass(JobRefused, JobFailed.__base__) and issubclass(JobStopped, JobFailed.__base__)


def test_workers_share_out_the_cores_of_the_machines_that_suit_them():
    def cores(workers, *machines, **asked):
        there = [dict(zip(("CPU", "GPU"), map(float, each), strict=False)) for each in machines]
        return per_worker(Resources(workers=workers, **asked), there, may_come=True)["CPU"]

    assert cores(2, (8,)) == 4  # one machine
    assert cores(1, (8,), (8,)) == 8  # not what two machines have together
    assert cores(4, (8,), (4,)) == 2
    assert cores(16, (64,), (8, 8), (8, 8), gpu=True) == 1  # only machines with a GPU
    assert cores(2, (64,), (8, 1), (8, 1), gpu=True) == 8
    assert cores(2, (0,), gpu=True) == 1  # an autoscaler may bring some
    assert cores(3, (2,), threads=2) == 2
