"""Addresses by host and by registered domain, a column at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.shard.split import registered_domain

_HOST = r"^https?://(?:[^/?#@]*@)?(?P<host>\[[^\]/?#]*\]|[^:/?#]*)"

Key = TypeVar("Key")


def hosts(urls: pa.Array) -> pa.Array:
    """The host of each address, "" of one that has none: a row of a file."""
    return pc.struct_field(pc.extract_regex(urls, _HOST), "host").fill_null("")


def by_domain(counts: Mapping[tuple[Key, str], int]) -> Counter[tuple[Key, str]]:
    """(anything, host) -> a count, as (anything, registered domain) -> their sum."""
    found: Counter[tuple[Key, str]] = Counter()
    names: dict[str, str] = {"": ""}
    for (key, host), count in counts.items():
        if host not in names:
            names[host] = registered_domain(host.strip("[]"))
        found[key, names[host]] += count
    return found
