"""A page that goes wrong costs itself and nobody else, and no process is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.extract.errors import SandboxFailed
from pipeline.extract.extractor import Extractor
from pipeline.extract.limits import Limits
from pipeline.extract.reading import read
from pipeline.extract.request import Reading, Refusal, Request
from pipeline.extract.sandbox import Sandbox

ROOT = Path(__file__).parents[3]
AWKWARD = Extractor.parse("tests.pipeline.extract.blocks.awkward")
LIMITS = Limits(seconds=0.3, megabytes=128)


def page(text, url="u"):
    return Request(text, url, is_html=True)


def outcomes(texts, **settings):
    """What becomes of each page: its text, or the reason why it has none."""
    pages = [each if isinstance(each, Request) else page(each) for each in texts]
    with Sandbox(AWKWARD, LIMITS, mend=True, **settings) as sandbox:
        return [
            each.text if isinstance(each, Reading) else each.reason for each in sandbox.read(pages)
        ]


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("HANG", "killed_by_time"),
        ("SPIN", "killed_by_time"),
        ("EAT", "killed_by_memory"),
        ("GULP", "killed_by_memory"),
        ("DIE", "crashed"),
        ("FAIL", "parser_failed"),
    ],
)
def test_neighbours_of_an_awkward_page_come_through(deed, reason):
    assert outcomes(["one", "two", deed, "three", "four"]) == [
        "one",
        "two",
        reason,
        "three",
        "four",
    ]


def test_only_what_another_machine_may_judge_differently_is_environmental():
    with Sandbox(AWKWARD, LIMITS, mend=True) as sandbox:
        refused = list(sandbox.read([page("DIE"), page("FAIL")]))
    assert [each.reason.environmental for each in refused] == [True, False]
    assert "KeyError" in refused[1].problem


def test_a_page_that_died_by_accident_is_read_at_the_second_try(tmp_path):
    once = page("ONCE upon a time", str(tmp_path / "was here"))
    assert outcomes(["one", once, "two"]) == ["one", "ONCE upon a time", "two"]


def test_what_a_parser_prints_is_no_answer():
    assert outcomes(["CHATTER a", "b"]) == ["CHATTER a", "b"]


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_results_are_those_of_this_process_in_any_batches(batch):
    texts = [f"schÃ¶n {number}\r\n\n\n\n— “x”" for number in range(20)] + ["", "FAIL", "😀" * 1000]
    pages = [page(text, str(number)) for number, text in enumerate(texts)]
    handed = Refusal("too_deep", "before")
    with Sandbox(AWKWARD, LIMITS, mend=True, batch=batch) as sandbox:
        found = list(sandbox.read([handed, *pages, handed]))
    assert found == [handed, *(read(each, AWKWARD, mend=True) for each in pages), handed]
    assert found[1] == Reading("schön 0\n\n— “x”", "title of 0", "de-at", True)


def test_one_process_serves_one_sandbox_after_the_other():
    pids = set()
    for _ in range(3):
        with Sandbox(AWKWARD, LIMITS, mend=True) as sandbox:
            list(sandbox.read([page("a")]))
            pids.add(sandbox._child.pid)
    assert len(pids) == 1


def test_a_process_killed_between_two_pages_is_replaced():
    with Sandbox(AWKWARD, LIMITS, mend=True, batch=1) as sandbox:
        readings = sandbox.read(page(str(number)) for number in range(4))
        texts = [next(readings).text]
        os.kill(sandbox._child.pid, signal.SIGKILL)
        texts += [reading.text for reading in readings]
    assert texts == ["0", "1", "2", "3"]


def test_leaving_in_the_middle_of_a_page_ends_its_process():
    with Sandbox(AWKWARD, Limits(seconds=600), mend=True) as sandbox:
        next(sandbox.read([page("a"), page("HANG")]))
        pid = sandbox._child.pid
    assert not is_running(pid)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_hanging_parser_dies_with_its_parent(ending):
    command = (sys.executable, "-m", "tests.pipeline.extract.orphan", "a", "SPIN")
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        pids = {int(parent.stdout.readline()) for _ in range(2)}  # setup, pages
        time.sleep(0.3)
        parent.send_signal(ending)
        parent.wait()
    assert len(pids) == 1
    until = time.monotonic() + 10
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def test_an_idle_process_ends_with_a_parent_that_just_ends():
    command = (sys.executable, "-m", "tests.pipeline.extract.orphan", "a")
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert not any(is_running(int(pid)) for pid in done.stdout.split())


def test_an_extractor_that_cannot_be_loaded_is_no_fault_of_the_pages(monkeypatch):
    monkeypatch.setenv("TESTS_LOADED_IN", str(os.getpid()))
    broken = Extractor.parse("tests.pipeline.extract.blocks.broken")
    with (
        pytest.raises(SandboxFailed, match="did not start"),
        Sandbox(broken, LIMITS, mend=True) as sandbox,
    ):
        list(sandbox.read([page("a")]))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
