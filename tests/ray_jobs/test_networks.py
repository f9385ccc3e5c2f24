"""A Ray cluster over two networks that a cable joins makes what one machine makes.

It wants a minute of a machine to itself: `pytest -m cluster tests/ray_jobs`.
"""

import contextlib
import json
import subprocess
import sys

import pytest

from ray_jobs.ray_token import token_file
from tests.flows.prefect_server import ROOT, environment, wait_until
from tests.namespaces import OURS, two_networks
from tests.object_store import CREDENTIALS

pytestmark = pytest.mark.cluster
S3, RAY = 5000, 6379
HEAD = ("--head", "--port", RAY, "--include-dashboard", "false")
SECONDS = 120
DRIVER = "from tests.ray_jobs.far import main; main()"
NEW_BUCKET = f"import httpx; httpx.put('http://{OURS}:{S3}/bucket').raise_for_status()"


def made(network, told, *words):
    """What a driver on a network has made."""
    words = network.command(sys.executable, "-c", DRIVER, *words)
    done = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def start_node(stack, network, told, log, *words):
    """A node of the cluster on a network."""
    room = ("--num-cpus", 1, "--object-store-memory", 80 * 2**20, "--block")
    ray = ("-m", "ray.scripts.scripts", "start", "--node-ip-address", network.address)
    up = network.start(stack, log, told, "Ray runtime started", *ray, *room, *words)
    assert wait_until(up, SECONDS)


def test_two_networks_make_what_one_machine_makes(tmp_path):
    with contextlib.ExitStack() as stack:
        ours, theirs = stack.enter_context(two_networks())
        told = environment(
            tmp_path / "prefect",
            **CREDENTIALS,
            AWS_ALLOW_HTTP="true",
            AWS_ENDPOINT_URL=f"http://{OURS}:{S3}",
            GLOO_SOCKET_IFNAME="cable",  # this machine's name is of no network here
            PENSTOCK_SCRATCH=str(tmp_path / "scratch"),
            PYTHONUNBUFFERED="1",
            RAY_AUTH_MODE="token",
            RAY_AUTH_TOKEN_PATH=str(token_file()),
        )
        ours.start(stack, tmp_path / "s3.log", told, "", "-m", "tests.s3_server", S3, "0.0.0.0")
        start_node(stack, ours, told, tmp_path / "head.log", *HEAD)
        start_node(stack, theirs, told, tmp_path / "node.log", "--address", f"{OURS}:{RAY}")
        assert wait_until(lambda: runs(ours, "-c", NEW_BUCKET), SECONDS)
        far = made(ours, told, tmp_path / "far", "s3://bucket/store", f"{OURS}:{RAY}")
        alone = made(ours, told, tmp_path / "alone", tmp_path / "store", "local")
    assert len(far["networks"]) == 2
    assert len(alone["networks"]) == 1
    assert (far["digests"], far["model"]) == (alone["digests"], alone["model"])


def runs(network, *words):
    """Whether a command of Python's ends well on a network."""
    return not subprocess.run(
        network.command(sys.executable, *words), capture_output=True
    ).returncode
