"""One Prefect server for all tests that only need to meet one."""

import pytest

from tests.flows.prefect_server import prefect_server
from tests.flows.served_tiny import served_tiny


@pytest.fixture(scope="session")
def prefect_api():
    """The API's address of a real server that the whole session shares: count nothing on it."""
    with prefect_server() as api:
        yield api


@pytest.fixture(scope="session")
def served(prefect_api, tmp_path_factory):
    """`penstock serve` of the tiny corpus, two windows of it made, on the shared server."""
    with served_tiny(tmp_path_factory.mktemp("served"), prefect_api) as there:
        yield there
