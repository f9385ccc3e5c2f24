"""What somebody on another network gets of all that we let listen: nothing.

A Ray of ours, `penstock serve` for others and `penstock explore` run on one network, a stranger on
another asks each port that is open there; then somebody on the same machine, without the token.
"""

import ast
import contextlib
import json
import subprocess
import sys
from functools import partial

import pytest

from tests.flows.prefect_home import migrated
from tests.flows.prefect_server import ROOT, environment, free_port, wait_until
from tests.namespaces import OURS, two_networks
from tests.tiny_corpus import copied, recipe_file

pytestmark = pytest.mark.slow
RAY = "from ray_jobs.own_ray import start_ray as s; s(num_cpus=1); print('up', flush=True); input()"
SERVICES = 5  # of Ray that speak gRPC: its control store, the raylet's two, the agent, the driver
NO = "--no-browser"
PAGE = {"GET /"}  # Prefect's, without anything to show
REFUSALS = {401, 403, 404, 405, 501, "RemoteDisconnected", "ConnectionResetError"}
CLOSED = {"InvalidStatus", "ConnectionClosedError"}  # at the request, or at the first message


class Planes:
    """All that we let listen, on a network of its own."""

    def __init__(self, folder, stack):
        self.network, self.theirs = stack.enter_context(two_networks())
        self.prefect = free_port()
        copied(folder)
        recipe, store = recipe_file(folder), folder / "store"
        home = {"HOME": str(folder), "RAY_AUTH_MODE": "disabled"}  # it is on all the same
        told = environment(migrated(folder / "prefect"), PYTHONUNBUFFERED="1", **home)
        at = ("--store", store, "--port", self.prefect, "--host", "0.0.0.0", "--secure")
        flows, until = ("-m", "flows"), "Ctrl-C ends"
        start = partial(self.network.start, stack)
        started = [
            start(folder / "ray.log", told, "up", "-c", RAY),
            start(folder / "serve.log", told, until, *flows, "serve", recipe, *at),
            start(folder / "explore.log", told, until, *flows, "explore", *at[:2], NO),
        ]
        for is_up in started:
            assert wait_until(is_up, 180)
        # Ray's agent comes up behind it.
        assert wait_until(lambda: len(self.network.listening()) > SERVICES + 2, 60)

    def seen(self, network, host):
        """What each port says to somebody on a network who has no token; by port."""
        words = [sys.executable, "-m", "tests.stranger", host, *self.network.listening()]
        done = subprocess.run(network.command(*words), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return {int(port): said for port, said in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def planes(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield Planes(tmp_path_factory.mktemp("planes"), stack)


@pytest.fixture(scope="module")
def seen_from_outside(planes):
    return planes.seen(planes.theirs, OURS)


def test_nobody_outside_can_connect_to_anything_but_the_server_that_is_for_others(
    planes, seen_from_outside
):
    assert len(seen_from_outside) > SERVICES + 2
    assert [port for port, said in seen_from_outside.items() if said] == [planes.prefect]


def test_the_server_for_others_gives_nothing_to_who_has_no_password(planes, seen_from_outside):
    said = seen_from_outside[planes.prefect]
    given = {request for request, status in said["answers"].items() if status not in REFUSALS}
    assert given == PAGE
    assert said["answers"]["POST /api/flow_runs/filter"] in REFUSALS
    assert {heard for each in said["sockets"].values() for heard in each} == CLOSED


def test_the_doctor_finds_nothing_open(planes):
    look = "from flows.doctor.ports import *; print(len(ports()), [f.says for f in open_ports()])"
    words = planes.network.command(sys.executable, "-c", look)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    count, said = done.stdout.split(" ", 1)
    assert int(count) > SERVICES
    assert [says for says in ast.literal_eval(said) if str(planes.prefect) in says] == []
    assert "127.0.0.1" not in said


def test_who_is_on_this_machine_without_the_token_runs_nothing_in_ray(planes):
    seen = planes.seen(planes.network, "127.0.0.1")
    called = [said["calls"] for said in seen.values() if "calls" in said]
    asked = [said["answers"] for said in seen.values() if "answers" in said]
    assert len(called) >= SERVICES
    joined = [calls.pop("ray") for calls in called if "ray" in calls]
    assert joined == ["AuthenticationError"]  # of the control store, by Ray's own client
    for calls in called:  # each service knows one of the calls at least
        assert {*calls.values()} == {"UNAUTHENTICATED", "UNIMPLEMENTED"}
    assert {answers["POST /get_or_create_runtime_env"] for answers in asked} <= REFUSALS
