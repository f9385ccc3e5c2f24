"""Environment variables that weaken what we rely on: which, when, why, and what to do instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flows.doctor.finding import Finding
from flows.door.server import API_VARIABLE
from pipeline.loopback import is_loopback
from pipeline.storage.object_client import ENDPOINTS

PASSWORDS = ("PREFECT_API_AUTH_STRING", "PREFECT_API_KEY")

FILES_RUN = "a file from outside can run code"


def _on(value: str) -> bool:
    return value.lower() in ("1", "true", "yes", "on")


def _off(value: str) -> bool:
    return value.lower() in ("0", "false", "no", "off")


def _not_token(value: str) -> bool:
    return value.lower() != "token"


@dataclass(frozen=True)
class Danger:
    """A variable with values that are dangerous."""

    name: str
    when: Callable[[str], bool]
    why: str
    instead: str = "Unset it"


DANGERS = (
    Danger(
        "RAY_AUTH_MODE",
        _not_token,
        "a Ray that is started with it lets everybody run code in it",
        "Unset it, or set it to token",
    ),
    # Ray runs what the schema of a Parquet file brings, as all of it did before 2.55
    # (CVE-2026-41486).
    Danger("RAY_DATA_AUTOLOAD_CLOUDPICKLE_TENSOR_METADATA", _on, FILES_RUN),
    Danger("RAY_DATA_AUTOLOAD_PICKLE_OBJECT_SCALAR", _on, FILES_RUN),
    Danger("RAY_DATA_AUTOLOAD_PYEXTENSIONTYPE", _on, FILES_RUN),
    Danger("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", _on, "a checkpoint from outside can run code"),
    Danger(
        "PREFECT_API_TLS_INSECURE_SKIP_VERIFY",
        _on,
        "whoever is between here and the server gets its password, and can answer in its place",
    ),
    # Prefect's `runner/server.py`: it has no password, and any page in a browser may post.
    Danger(
        "PREFECT_RUNNER_SERVER_ENABLE",
        _on,
        "each user of this machine, and each page in a browser on it, can end `penstock serve`",
    ),
    Danger("RAY_USAGE_STATS_ENABLED", _on, "Ray sends telemetry"),
    Danger("DO_NOT_TRACK", _off, "telemetry is on"),
)


def unsafe_settings() -> Iterator[Finding]:
    """What of this process's environment lets others in, or tells others."""
    for each in DANGERS:
        value = os.environ.get(each.name, "")
        if value and each.when(value):
            yield Finding("unsafe", f"{each.name}={value}: {each.why}. {each.instead}.")
    api = os.environ.get(API_VARIABLE, "")
    carried = [name for name in PASSWORDS if os.environ.get(name)]
    if carried and _in_plain(api):
        said = f"{carried[0]} goes to {urlsplit(api).hostname} in plain, to be read on the way"
        yield Finding("unsafe", f"{said}. Put TLS before it, and https:// into {API_VARIABLE}.")
    if _on(os.environ.get("AWS_ALLOW_HTTP", "")):
        for name in (each for each in ENDPOINTS if _in_plain(os.environ.get(each, ""))):
            said = f"AWS_ALLOW_HTTP, and {name} is without TLS: what is stored can be read and"
            yield Finding("unsafe", f"{said} changed on the way. Name an https:// endpoint.")


def _in_plain(url: str) -> bool:
    """Whether what is sent there leaves this machine, and without TLS."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")
