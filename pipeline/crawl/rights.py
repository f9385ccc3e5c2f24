"""What a site says about the use of a page: kept beside it, and obeyed as far as a source says.

noai, noimageai   in <meta name="robots"> and X-Robots-Tag
TDM reservation   TDMRep (W3C community group, 2024): header, <meta>, /.well-known/tdmrep.json
Content-Signal    in robots.txt (contentsignals.org), and Content-Usage (IETF AI Preferences)
licence           <a>, <link> and the header Link with rel="license"
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.links import Outline, Wishes
from pipeline.crawl.robots_rules import Rule, Rules, pattern, spelled

Wish = Literal["noai", "tdm", "content_signal"]
ALL: tuple[Wish, ...] = ("noai", "tdm", "content_signal")
MOST_LOCATIONS = 1000  # of one tdmrep.json
_LINK = re.compile(r"<([^<>]*)>([^<]*)")  # an address, and what is said of it
_LICENSE = re.compile(r';\s*rel\s*=\s*"?[^",;]*\blicense\b', re.IGNORECASE)
_NO = ("no", "n")


class Reservation(NamedTuple):
    """What a site's tdmrep.json says of some of its pages."""

    where: Rule
    reserved: bool
    policy: str | None


class Rights(NamedTuple):
    """What is said of one page; None where nothing is."""

    noai: bool | None = None
    noimageai: bool | None = None
    tdm_reservation: bool | None = None
    tdm_policy: str | None = None
    content_signal: str | None = None  # ai-train=no,search=yes
    license: str | None = None  # an address

    def reserved(self, obeyed: tuple[Wish, ...]) -> str:
        """What keeps the page out of a corpus for training; "" where nothing does."""
        if "noai" in obeyed and self.noai:
            return "noai"
        if "tdm" in obeyed and self.tdm_reservation:
            return "tdm-reservation: 1"
        said = dict(part.split("=") for part in (self.content_signal or "").split(",") if part)
        for name in ("ai-train", "train-ai"):
            if "content_signal" in obeyed and said.get(name) in _NO:
                return f"{name}={said[name]}"
        return ""


def path_rights(rules: Rules, reservations: tuple[Reservation, ...], target: str) -> Rights:
    """What a site says of one of its paths."""
    usage = rules.usage(target)
    signal = ",".join(f"{name}={usage[name]}" for name in sorted(usage))
    path = spelled(target, is_rule=False)
    found = next((each for each in reservations if each.where.matches(path)), None)
    return Rights(
        tdm_reservation=found.reserved if found else None,
        tdm_policy=found.policy if found else None,
        content_signal=signal or None,
    )


def page_rights(
    site: Rights, headers: Mapping[str, str | None], seen: Outline, wishes: Wishes, *, url: str
) -> Rights:
    """What is said of a page: the page itself over its headers, these over the site.

    Args:
        site: what is said of its path.
        headers: `tdm-reservation`, `tdm-policy`, `link`, lower case.
        seen: the page.
        wishes: those of the page and its headers.
        url: the page's, for relative addresses.
    """
    metas = seen.metas
    reserved = _flag(metas.get("tdm-reservation")), _flag(headers.get("tdm-reservation"))
    policy = metas.get("tdm-policy") or headers.get("tdm-policy") or site.tdm_policy
    links = _LINK.finditer(headers.get("link") or "")
    link = next((each for each in links if _LICENSE.search(each[2])), None)
    return site._replace(
        noai=True if wishes.no_ai else None,
        noimageai=True if wishes.no_image_ai else None,
        tdm_reservation=next((each for each in reserved if each is not None), site.tdm_reservation),
        tdm_policy=policy,
        license=seen.license or (canonical(link[1].strip(), url) if link else None),
    )


def reservations(body: bytes) -> tuple[Reservation, ...]:
    """What a tdmrep.json says; nothing where it is none. The first location that fits counts."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    found = []
    for one in told[:MOST_LOCATIONS] if isinstance(told, list) else ():
        where = one.get("location") if isinstance(one, dict) else None
        rule = pattern(where) if isinstance(where, str) else None
        reserved = _flag(str(one["tdm-reservation"])) if rule and "tdm-reservation" in one else None
        if rule and reserved is not None:
            policy = one.get("tdm-policy")
            found.append(Reservation(rule, reserved, policy if isinstance(policy, str) else None))
    return tuple(found)


def _flag(text: str | None) -> bool | None:
    return {"1": True, "0": False}.get((text or "").strip())
