"""One Prefect server for all tests that only need to meet one."""

import pytest

from tests.flows.prefect_server import prefect_server


@pytest.fixture(scope="session")
def prefect_api():
    """The API's address of a real server that the whole session shares: count nothing on it."""
    with prefect_server() as api:
        yield api
