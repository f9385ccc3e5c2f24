"""A Ray cluster that others have started: joined by its address.

Whoever joins shows the token in RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH. Its workers take our code
from this checkout, as it is when the run begins, and everything else, credentials among it, from
their own machine's environment.
"""

from typing import Any
from urllib.parse import urlparse

import ray

from pipeline.errors import StoreUnreachable
from pipeline.run.keys import CHECKOUT


def join_cluster(address: str, **settings: Any) -> None:
    """Connect to a cluster: `auto`, HOST:PORT, or ray://HOST:PORT."""
    ray.init(address=address, runtime_env={"working_dir": str(CHECKOUT)}, **settings)


def machines() -> list[dict[str, float]]:
    """What Ray has on each machine that is alive: CPU, GPU, and more."""
    found: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]  # Ray's is untyped
    return [each["Resources"] for each in found if each["Alive"]]


def check_store(store: str) -> None:
    """See that a store is one for several machines.

    Raises:
        StoreUnreachable: it is a folder of one of them.
    """
    if len(machines()) > 1 and urlparse(store).scheme == "file":
        raise StoreUnreachable(
            store,
            problem="the machines of a cluster do not see one machine's folder",
            remedy="Point --store to an object store, or take the runner `pool`.",
        )
