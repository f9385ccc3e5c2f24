"""What holds for every test: compiled kernels, examples without a deadline, an S3 server."""

import os

import pytest
from hypothesis import HealthCheck, settings

from pipeline.run.numba_cache import use_numba_cache
from pipeline.storage.nearby import VARIABLE
from tests.object_store import CREDENTIALS, new_bucket, s3_server

use_numba_cache()
# What runs for the first time loads or compiles: how long an example takes tells nothing.
settings.register_profile("penstock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("penstock")


@pytest.fixture(scope="session")
def s3_endpoint():
    """An S3 API that the whole session shares."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3(s3_endpoint, tmp_path, monkeypatch):
    """`s3()` gives a place for a store in a bucket of its own; this process may use it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": s3_endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "scratch"))
    return lambda: new_bucket(s3_endpoint)
