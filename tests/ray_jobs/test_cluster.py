"""A Ray cluster of several nodes on this machine: units and a training, though a node is killed.

It wants two or three minutes of a machine to itself: `pytest -m cluster tests/ray_jobs`.
"""

import contextlib
from pathlib import Path

import psutil
import pytest
from ray.cluster_utils import Cluster

from pipeline.errors import StoreUnreachable
from pipeline.run.executors import InProcess
from pipeline.store import Store
from ray_jobs import launch
from ray_jobs.errors import NotShared
from ray_jobs.map_shards import RayMap
from ray_jobs.pretrain import work
from ray_jobs.ray_token import keep_token_private
from schemas.jobs import Resources
from schemas.runtime import Runtime
from tests.object_store import CREDENTIALS, new_bucket, s3_server
from tests.pipeline.killing_toys import KillsItsNodeOnce
from tests.pipeline.toy import Judge, Source
from tests.processes import words
from tests.ray_jobs.test_launch import losses, order, texts  # noqa: F401  # a fixture
from tests.support import runner

pytestmark = pytest.mark.cluster
QUICK = {  # to notice that a node is gone
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 4,
}
SMALL = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
HEAD = SMALL | {"num_cpus": 0, "_system_config": QUICK}


@pytest.fixture(scope="module")
def place():
    """Where a store may be that every node sees."""
    with s3_server() as endpoint, pytest.MonkeyPatch.context() as patched:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
            patched.setenv(name, value)
        yield lambda: new_bucket(endpoint)


@pytest.fixture(scope="module")
def cluster(place):
    """A head that makes nothing, and three nodes of one CPU."""
    keep_token_private()
    there = Cluster(initialize_head=True, head_node_args=HEAD)
    try:
        for _ in range(3):
            there.add_node(**SMALL)
        yield there
    finally:
        there.shutdown()


def version(store, stage, executor):
    runtime = Runtime(store=store.uri, runner="ray", workers=2)
    make = runner(store, executor=executor, runtime=runtime)
    with contextlib.closing(executor):
        return make(stage, words=make(Source())).manifest


def test_units_on_a_cluster_make_the_same_version_though_a_node_is_killed(cluster, place, tmp_path):
    alone = version(Store.at(tmp_path / "alone"), Judge(), InProcess())
    mark = tmp_path / "mark"
    killing = KillsItsNodeOnce(mark=str(mark))
    spread = version(Store.at(place()), killing, RayMap(3, cluster.address))
    assert spread.digests == alone.digests
    dead = [node for node in cluster.list_all_nodes() if node_pid(node) == int(mark.read_text())]
    cluster.remove_node(*dead)
    cluster.add_node(**SMALL)


def node_pid(node):
    return node.all_processes["raylet"][0].process.pid


def test_a_folder_is_no_store_for_several_machines(cluster, tmp_path):
    with pytest.raises(StoreUnreachable, match="machines of a cluster do not see one machine's"):
        version(Store.at(tmp_path), Judge(), RayMap(2, cluster.address))


def test_a_worker_that_does_not_see_the_folder_of_the_job_refuses(texts, tmp_path):  # noqa: F811
    told = {"order": order(texts, tmp_path).model_dump_json(), "mark": str(tmp_path / "mark")}
    with pytest.raises(NotShared, match=r"(?s)does not see .* train_address = .local."):
        work(told)


class KillANode:
    """Kills, once, a node on which a worker trains, when a checkpoint is there."""

    def __init__(self, cluster, run):
        self.cluster, self.run, self.killed = cluster, run, 0

    def __call__(self, metrics):
        if self.killed or not list(self.run.glob("checkpoints/*/manifest.json")):
            return
        for node in self.cluster.list_all_nodes()[1:]:
            below = psutil.Process(node_pid(node)).children()
            if any("RayTrainWorker" in words(each) for each in below):
                self.killed = metrics["step"]
                self.cluster.remove_node(node, allow_graceful=False)
                return


def test_two_nodes_learn_what_one_machine_learns_though_one_is_killed(cluster, texts, tmp_path):  # noqa: F811
    wanted = {"workers": 2, "steps": 60, "peak_lr": 3e-4, "muon_lr": 3e-4}
    local = order(texts, tmp_path / "local", **wanted)
    far = order(texts, tmp_path / "far", **wanted)
    settings = far.resources.model_dump() | {"address": cluster.address}
    far = far.model_copy(update={"resources": Resources(**settings)})
    killer = KillANode(cluster, Path(far.run))
    result = launch.pretrain(far, progress=killer)
    assert (result.outcome, result.step) == ("finished", 60)
    assert 0 < killer.killed < 60
    assert launch.pretrain(local).outcome == "finished"
    assert losses(tmp_path / "far") == losses(tmp_path / "local")
    weights = [Path(each.output, "model.safetensors").read_bytes() for each in (far, local)]
    assert weights[0] == weights[1]
