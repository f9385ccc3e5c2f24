"""A Ray that is started for one run and ends with it: on loopback alone, and behind its token.

Whoever talks to a Ray runs code in it. So ours asks for its token, whatever the environment says,
and nobody outside of this machine can even connect. By itself Ray 2.60 listens on every interface,
also where it is told 127.0.0.1, which it takes for a mistake; only where it may build no cluster,
as on macOS, does it take loopback for its address, and then binds all that it opens to it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray._private import ray_constants

from ray_jobs.ray_folder import sessions
from ray_jobs.ray_token import keep_token_private

AUTH_MODE = "RAY_AUTH_MODE"


def start_ray(**settings: Any) -> None:
    """Start a Ray on this machine, and connect to it.

    Args:
        settings: of `ray.init`; none of them is its address or its dashboard.

    Raises:
        ForeignFolder: somebody else could reach into its folder.
        LongFolder: the path of its folder is too long.
    """
    keep_token_private()
    os.environ.pop(AUTH_MODE, None)  # `disabled`, perhaps: a Ray that is new then asks for a token
    with _no_cluster():
        ray.init(address="local", include_dashboard=False, _temp_dir=str(sessions()), **settings)


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
