"""Which documents train and which validate: decided by their URL alone, so that it never changes.

Documents of one group are on one side. A group is chosen so that it survives a refresh and keeps
close relatives together: a page, its translations, the other pages of its domain.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from schemas.record import Record

TRAIN, HELD_OUT = "train", "validation"

# ISO 639-1, as it stands in paths: /en/, /pt-br/, /zh_TW/, and Apache's page.html.en.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om "
    "or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw "
    "ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
).replace(" ", "|")
UNKNOWN = "."  # a last label that no rule is about
_LANGUAGE = re.compile(rf"(?:{_CODES})(?:[-_][a-z0-9]{{2,8}}){{0,2}}", re.IGNORECASE)
# `urlsplit` raises on some hosts that do come up; here every URL has some group.
_WEB = re.compile(
    r"https?://(?:[^/?#@]*@)?(?P<host>\[[^\]/?#]*\]|[^:/?#]*)[^/?#]*(?P<path>[^?#]*)(?P<query>\?[^#]*)?"
)
_WEB_SCHEMES = ("http:", "https:")


class Split(Record):
    """How documents are divided."""

    group: Literal["domain", "site_path", "document"] = Field(
        default="domain",
        description="what stays together: a registered domain; for one site a path without its "
        "language part; or nothing",
    )
    validation_share: float = Field(
        default=0.1, ge=0, lt=1, description="share of the groups that validate"
    )
    seed: int = Field(default=0, ge=0, description="another one gives another choice of groups")

    def group_of(self, url: str) -> str:
        """The group of a document: its own URL, where it comes from a file."""
        parts = None if self.group == "document" else _WEB.match(url)
        if parts is None:
            return url
        if self.group == "domain":
            return registered_domain(parts["host"].strip("[]"))
        return path_without_language(parts["path"]) + (parts["query"] or "")

    def groups_of(self, urls: Iterable[str]) -> list[str]:
        """The group of each document; that of a domain is looked for once for each site."""
        if self.group != "domain":
            return [self.group_of(url) for url in urls]
        groups, of_site = [], {}
        for url in urls:
            scheme, _, rest = url.partition("//")
            site = (scheme, rest.partition("/")[0])
            if site not in of_site or scheme not in _WEB_SCHEMES:
                of_site[site] = self.group_of(url)
            groups.append(of_site[site])
        return groups

    def side_of(self, group: str) -> str:
        """`train` or `validation`, by a hash of the group."""
        hashed = hashlib.sha256(f"{self.seed}\n{group}".encode()).digest()
        share = int.from_bytes(hashed[:8]) / 2**64
        return HELD_OUT if share < self.validation_share else TRAIN


@lru_cache(maxsize=1 << 16)  # hosts come again and again; 60 µs each
def registered_domain(host: str) -> str:
    """The part of a host name that somebody registered; the host itself where there is none.

    Source:
        The Public Suffix List, publicsuffix.org, as bundled with publicsuffixlist.
    """
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        plain = host.lower()
        last = "" if "xn--" in plain else plain.rpartition(".")[2]
        known = last if not last or last in _rules() else UNKNOWN
        return _suffixes(known).privatesuffix(host) or host


def path_without_language(path: str) -> str:
    """The path without its first part that names a language, `/docs/de/a.html` or `a.html.de`."""
    parts = path.split("/")
    for i, part in enumerate(parts):
        if _LANGUAGE.fullmatch(part):
            return "/".join([*parts[:i], *parts[i + 1 :]])
    stem, _, ending = path.rpartition(".")
    return stem if "." in stem and _LANGUAGE.fullmatch(ending) else path


@cache
def _suffixes(last: str) -> Any:
    """The list as far as it is about hosts that end so; all of it for none, 0.07 s to read.

    That takes so long for encoding all its rules, which only an encoded host can want.
    """
    from publicsuffixlist import PublicSuffixList

    if not last:
        return PublicSuffixList()
    return PublicSuffixList(_rules().get(last, ()), accept_encoded_idn=False)


@cache
def _rules() -> dict[str, list[str]]:
    """The list's rules by their last label."""
    from publicsuffixlist import PSLFILE

    found: dict[str, list[str]] = {}
    for line in Path(PSLFILE).read_text(encoding="utf-8").lower().splitlines():
        rule = line.split(" ")[0]
        if not rule.startswith("//"):
            found.setdefault(rule.rpartition(".")[2], []).append(rule)
    return found
