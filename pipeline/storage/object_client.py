"""The client of an object store, as the environment of this very process has it.

Credentials come from there (AWS_*, GOOGLE_*, AZURE_*) or from the role of the machine or the pod.
A client is never sent to another process: each makes its own.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obstore import exceptions
from obstore.store import from_url

from pipeline.loopback import is_loopback
from pipeline.storage.errors import Refused

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

ANSWER_VARIABLE = "PENSTOCK_ANSWER_SECONDS"
ANSWER_SECONDS = 30.0  # that one request has, its body included
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def new_client(uri: str) -> ObjectStore:
    """A client of a bucket's prefix.

    Raises:
        Refused: the environment has settings that cannot be meant.
    """
    seconds = float(os.environ.get(ANSWER_VARIABLE) or ANSWER_SECONDS)
    options: ClientConfig = {
        "timeout": timedelta(seconds=seconds),
        "connect_timeout": timedelta(seconds=min(5.0, seconds)),
    }
    if _plain_http(uri):
        options["allow_http"] = True
    retries: RetryConfig = {
        "max_retries": 2,
        "retry_timeout": timedelta(seconds=2 * seconds),
        "backoff": {
            "init_backoff": timedelta(milliseconds=100),
            "max_backoff": timedelta(seconds=2),
            "base": 2,
        },
    }
    more: dict[str, Any] = {}
    if urlsplit(uri).scheme == "s3":
        more["checksum_algorithm"] = "SHA256"  # the store refuses a body that is not ours
        more["disable_bulk_delete"] = True  # one file at a time needs no function of its own
    try:
        return from_url(uri, client_options=options, retry_config=retries, **more)
    except (exceptions.BaseError, ValueError):
        failure = Refused(
            uri,
            problem="the settings for it in the environment cannot be used",
            remedy="Check the variables that begin with AWS_ (GOOGLE_, AZURE_) of this process.",
            status=400,
        )
    raise failure  # outside of the handler: what the client said is not its cause


def _plain_http(uri: str) -> bool:
    """Whether to speak without TLS: to this machine, or where that is asked for.

    Raises:
        Refused: the endpoint has no TLS, and nobody has said that it may be so.
    """
    if os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true", "yes"):
        return True
    place = next((found for name in ENDPOINTS if (found := os.environ.get(name))), "")
    if urlsplit(uri).scheme != "s3" or urlsplit(place).scheme != "http":
        return False
    host = urlsplit(place).hostname or ""
    if not is_loopback(host):
        raise Refused(
            uri,
            problem=f"its endpoint on {host} is plain HTTP, which all on the way can change",
            remedy="Take one with https://, or set AWS_ALLOW_HTTP=true if that network is yours.",
            status=400,
        )
    return True
