"""Find what is not as it should be, and mend it.

Looks at Prefect's runs and slots beside the store and the processes of this machine: runs whose
process is gone, orphans of ended runs, expired leases, lineage events without an end, runs that
have made their version though Prefect says they failed; and at what lets strangers in: open ports,
settings, files that others can read or write; at space, and at packages. `penstock serve` mends the
runs by itself every minute. Exit code 1: something is left unmended.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import STORE_VARIABLE, add_store
from pipeline.storage.places import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.doctor.finding import Finding
    from pipeline.store import Store

EXAMPLES = """\
  penstock doctor my.toml                 what is wrong with its store and its runs
  penstock doctor my.toml --mend          and set it right
  penstock doctor --store /srv/store
"""
RAY_VARIABLE = "RAY_ADDRESS"
API = "http://127.0.0.1:4200/api"  # where `penstock serve` is, unless it is told otherwise


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("recipes", nargs="*", type=Path, metavar="RECIPE", help="my.toml, ...")
    add_store(parser)
    parser.add_argument("--mend", action="store_true", help="set right what can be set right")


def run(given: argparse.Namespace) -> int:
    """Print what is found, and mend it where that is asked."""
    from flows.door.served import serving
    from flows.terminal.plain_text import plain

    if given.store:
        os.environ[STORE_VARIABLE] = absolute(given.store)
    found = left = 0
    with serving(given.recipes):
        for finding in _findings(_stores(given), _clusters(given)):
            found += 1
            done, said = _mended(finding) if given.mend else (False, "")
            left += not done
            print(plain(f"{finding.kind}: {finding.says}{said}"), flush=True)
    if not found:
        print("All is well.")
    elif left and not given.mend:
        print(f"{found} found. `--mend` sets right what can be set right.")
    else:
        print(f"{found} found, {left} left.")
    return 1 if left else 0


def _mended(finding: Finding) -> tuple[bool, str]:
    """Whether it was set right, and in words what was done, or why it could not be."""
    if finding.mend is None:
        return False, ""
    try:
        return True, f": {finding.mend()}"
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return False, f": not mended, {error.strerror or error}{where}"


def _findings(stores: list[Store], clusters: dict[str, str]) -> Iterator[Finding]:
    from flows.doctor.access import open_code, open_store, readable_secrets
    from flows.doctor.machine import packages, space, space_for_ray, unsafe_server
    from flows.doctor.ports import open_cluster, open_ports
    from flows.doctor.store import of_store, orphans, weak_place
    from flows.doctor.variables import unsafe_settings

    api = _api()
    if api:
        yield from unsafe_server(api)
        yield from _of_runs(stores)
    else:
        print(f"No Prefect server answers at {API}, so its runs are not looked at.")
    yield from orphans()
    for store in stores:
        yield from of_store(store)
        yield from weak_place(store)
        yield from open_store(store)
        yield from space(store)
    yield from open_ports()
    for address, named_by in clusters.items():
        yield from open_cluster(address, named_by)
    yield from unsafe_settings()
    yield from readable_secrets()
    yield from open_code()
    yield from space_for_ray()
    yield from packages()


def _api() -> str:
    """The server that PREFECT_API_URL names, else the one that is usual, if it answers.

    Raises:
        ServerTrouble: the one that was named does not answer.
    """
    from flows.door.server import API_VARIABLE, Place, answers, server

    named = os.environ.get(API_VARIABLE)
    if named:
        with server(Place()) as running:
            return running.api
    if answers(API):
        os.environ[API_VARIABLE] = API
        return API
    return ""


def _of_runs(stores: list[Store]) -> Iterator[Finding]:
    from flows import prefect_flows  # noqa: F401  # first: it sets what Prefect reads

    # isort: split
    from prefect.client.orchestration import get_client

    from flows.doctor.runs import Runs

    with get_client(sync_client=True) as client:
        yield from Runs(client, stores).findings()


def _clusters(given: argparse.Namespace) -> dict[str, str]:
    """The addresses of Rays -> who names them."""
    from flows.recipe import read_recipe

    named = {os.environ.get(RAY_VARIABLE, ""): RAY_VARIABLE}
    for each in given.recipes:
        runtime = read_recipe(each).runtime
        named |= dict.fromkeys((runtime.ray_address, runtime.train_address), str(each))
    return named


def _stores(given: argparse.Namespace) -> list[Store]:
    from flows.recipe import read_recipe
    from pipeline.store import Store

    places = [given.store] if given.store else []
    places += [] if given.store else [read_recipe(path).runtime.store for path in given.recipes]
    return [Store.at(place, create=False) for place in dict.fromkeys(places)]
