"""The source of a document: who it is from, as far as its address tells."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.shard.split import registered_domain
from pipeline.sites import AFTER, site_of, sites_of

_WEB = r"^https?://"
_PREFIX = "://"  # a name with it is the beginning of addresses


def sources_of(urls: pa.Array, named: Iterable[str]) -> pa.Array:
    """The source of each address.

    Args:
        urls: n addresses, no nulls.
        named: beginnings of addresses (`https://example.org/forum/`), domains with their
            subdomains (`example.org`), and files. Where several are meant, a beginning counts
            before a domain, and a longer one before a shorter.

    Returns:
        n names: of `named` the one that is meant, otherwise the registered domain; of a row of a
        file the file.
    """
    sites = pc.dictionary_encode(sites_of(urls))
    site = sites.dictionary
    hosts = [".".join(reversed(each.split(AFTER))) for each in site.to_pylist()]
    domains = pa.array([registered_domain(host.strip("[]")) for host in hosts], pa.string())
    names = sorted(named, key=lambda name: (_PREFIX in name, len(name), name))
    meant = np.full(len(site), -1, np.int64)
    for place, name in enumerate(names):
        if _PREFIX not in name:
            meant[_of_domain(site, name)] = place
    owner = meant[sites.indices.to_numpy()]
    for place, name in enumerate(names):
        if _PREFIX in name:
            owner[pc.starts_with(urls, name).to_numpy(zero_copy_only=False)] = place
    web = pc.match_substring_regex(urls, _WEB)
    own = pc.if_else(web, domains.take(sites.indices), site.take(sites.indices))
    return pc.coalesce(pa.array(names, pa.string()).take(pa.array(owner, mask=owner < 0)), own)


def _of_domain(sites: pa.Array, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which sites a domain, or a file, is."""
    domain = site_of(f"http://{name.lower().strip('.')}/")
    meant = pc.or_(pc.equal(sites, domain), pc.starts_with(sites, domain + AFTER))
    found = pc.or_(meant, pc.equal(sites, name)).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.bool_)
