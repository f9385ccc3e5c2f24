"""One Prefect server for all tests that only need to meet one."""

import shutil

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


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window.

    Not longer than a module: meanwhile Playwright has an event loop run in this process, in which
    Prefect's client gives coroutines for answers.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("there is no chromium on the path")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
