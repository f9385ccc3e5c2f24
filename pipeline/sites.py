"""Sites: the host of an address read from its end, so that a domain's hosts stand side by side.

`https://www.example.org:8080/a` is of the site `org,example,www`; an address without a host, a
row of a file (`books.jsonl#17`), is of the site that its file names.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

_WEB = r"^https?://"
_HOST = r"(?s)^https?://(\[[^\]]*\]|[^/?#:]*)(:[0-9]+)?([/?#].*)?$"
AFTER = ","  # between two labels; no host has one


class Subject(NamedTuple):
    """What a person asks about: one address, or a domain with all its hosts, or a file."""

    text: str  # as it is shown
    site: str
    url: str = ""  # canonical; "" for a domain
    port: str = ""  # of a domain that was named with one: ":8080"
    file: str = ""  # what was named may be a file too: nobody can tell `a.org` from `a.txt`

    @classmethod
    def address(cls, url: str) -> Subject:
        """One address, in its canonical spelling."""
        return cls(url, site_of(url), url)

    @classmethod
    def domain(cls, name: str) -> Subject:
        """A domain with its subdomains, `example.org`, `example.org:8080`; or a file."""
        host, _, port = name.rpartition(":")
        if host and port.isdigit() and not host.endswith(":"):
            return cls(name, _site(host.lower().rstrip(".")), port=f":{port}")
        return cls(name, _site(name.lower().strip(".")), file=name)

    def covers(self, url: str) -> bool:
        """Whether an address in its canonical spelling is meant."""
        return bool(self.mask(pa.array([url], pa.string()))[0].as_py())

    def mask(self, urls: pa.Array) -> pa.Array:
        """Which of some addresses are meant."""
        if self.url:
            return pc.fill_null(pc.equal(urls, self.url), False)
        sites, web = sites_of(urls), pc.match_substring_regex(urls, _WEB)
        meant = pc.or_(pc.equal(sites, self.site), pc.starts_with(sites, self.site + AFTER))
        if self.port:
            rest = pc.replace_substring_regex(urls, r"(?s)^(https?://[^/?#]*).*$", r"\1")
            meant = pc.and_(meant, pc.ends_with(rest, self.port))
        return pc.fill_null(pc.if_else(web, meant, pc.equal(sites, self.file)), False)


def site_of(url: str) -> str:
    """The site of one address."""
    found: str = sites_of(pa.array([url], pa.string()))[0].as_py()
    return found


def sites_of(urls: pa.Array) -> pa.Array:
    """The site of each address; null stays null."""
    web = pc.match_substring_regex(urls, _WEB)
    host = pc.if_else(web, pc.replace_substring_regex(urls, _HOST, r"\1"), None)
    file = pc.replace_substring_regex(urls, r"(?s)#.*$", "")
    coded = pc.dictionary_encode(host)
    sites = pa.array([_site(each) for each in coded.dictionary.to_pylist()], pa.string())
    return pc.coalesce(sites.take(coded.indices), file)


def _site(host: str) -> str:
    labels = host.split(".")
    if labels[-1].isdigit() or host.startswith("["):
        return host  # an IP address
    return AFTER.join(reversed(labels))
