"""A Ray that is started for one run and ends with it: on loopback alone, and behind its token.

Whoever talks to a Ray runs code in it. So ours asks for its token, whatever the environment says,
and nobody outside of this machine can even connect. By itself Ray 2.60 listens on every interface,
also where it is told 127.0.0.1, which it takes for a mistake; only where it may build no cluster,
as on macOS, does it take loopback for its address, and then binds all that it opens to it.
"""

import itertools
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import ray
from ray._private import ray_constants
from ray._private import worker as this_worker

from ray_jobs.errors import RayLost, RayNotStarted
from ray_jobs.ray_folder import sessions
from ray_jobs.ray_token import keep_token_private

log = logging.getLogger(__name__)
AUTH_MODE = "RAY_AUTH_MODE"
VITAL = {"gcs_server": "control store", "raylet": "raylet"}  # without them there is no Ray
TRIES = 2  # a machine under load may take longer than the half minutes that Ray gives itself
SLOW = ("timed out during startup", "Timed out waiting for")  # the raylet; the control store
LEAVE_SECONDS = 2.0  # for what belongs to a Ray that has ended


def start_ray(**settings: Any) -> None:
    """Start a Ray on this machine, and connect to it.

    Args:
        settings: of `ray.init`; none of them is its address or its dashboard.

    Raises:
        ForeignFolder: somebody else could reach into its folder.
        LongFolder: the path of its folder is too long.
        RayNotStarted: it did not come up.
    """
    keep_token_private()
    os.environ.pop(AUTH_MODE, None)  # `disabled`, perhaps: a Ray that is new then asks for a token
    folder = str(sessions())
    for tries in itertools.count(1):
        before = _below()
        try:
            with _no_cluster(), heeding_signals():
                ray.init(address="local", include_dashboard=False, _temp_dir=folder, **settings)
        except Exception as error:  # Ray's own have no class
            _end(_below() - before)
            if tries == TRIES or not any(each in str(error) for each in SLOW):
                raise RayNotStarted(folder, problem=str(error).partition("\n")[0]) from error
            log.warning("Ray did not come up in half a minute, and is started once more")
        else:
            return


def check_ray() -> None:
    """See that the Ray of this process lives; one that others started is not looked at.

    By itself Ray ends the process that uses it, without a word to it, a minute after its control
    store has died.

    Raises:
        RayLost: it has ended.
    """
    node: Any = this_worker._global_node
    ended = [kind for kind, _ in node.dead_processes()] if node else []
    for kind in VITAL:
        if kind in ended:
            raise RayLost(VITAL[kind])


def end_ray() -> None:
    """Leave Ray, and end the one that was started here.

    Its agents wait for minutes for a control store that has died, and are not waited for.
    """
    _end(set(_family()))


def _end(family: set[psutil.Process]) -> None:
    ray.shutdown()
    _, left = psutil.wait_procs(family, timeout=LEAVE_SECONDS)
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=LEAVE_SECONDS)


def _below() -> set[psutil.Process]:
    """All that this process has started."""
    return set(psutil.Process().children(recursive=True))


def _family() -> Iterator[psutil.Process]:
    """The processes of the Ray that was started here."""
    node: Any = this_worker._global_node
    started = itertools.chain.from_iterable(node.all_processes.values()) if node else ()
    for each in started:
        if each.process.poll() is None:  # or its number may be somebody else's by now
            with suppress(psutil.Error):
                process = psutil.Process(each.process.pid)
                yield from (process, *process.children(recursive=True))


@contextmanager
def _no_cluster() -> Iterator[None]:
    """What is started inside builds no cluster: this process reads one, its children the other."""
    name = ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR
    before, clustered = os.environ.get(name), ray_constants.ENABLE_RAY_CLUSTER
    os.environ[name], ray_constants.ENABLE_RAY_CLUSTER = "0", False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = clustered
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Let through what a signal raises: Ray's compiled code makes a SystemError of it."""
    try:
        yield
    except SystemError as error:
        cause = error.__cause__
        if cause is None or isinstance(cause, Exception):
            raise
        raise cause from None
