"""Looking at what a user wants to make a corpus of: which source it takes, and with what in it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flows.first_recipe.columns import columns_of
from pipeline.crawl.archives import refuse_wat
from pipeline.crawl.canonical_url import canonical, origin
from pipeline.crawl.remote import COMMON_CRAWL
from pipeline.errors import BadRecipe

ENDINGS = {
    ".warc": "warc_files",
    ".warc.gz": "warc_files",
    ".warc.zst": "warc_files",
    ".wet": "warc_files",
    ".wet.gz": "warc_files",
    ".wet.zst": "warc_files",
    ".paths": "warc_paths",
    ".paths.gz": "warc_paths",
    ".xml": "wikipedia_dumps",
    ".xml.bz2": "wikipedia_dumps",
    ".parquet": "parquet_files",
    ".jsonl": "jsonl_files",
    ".jsonl.gz": "jsonl_files",
    ".jsonl.zst": "jsonl_files",
    ".txt": "text_files",
    ".txt.gz": "text_files",
    ".txt.zst": "text_files",
    ".html": "text_files",
    ".html.gz": "text_files",
    ".htm": "text_files",
    ".xhtml": "text_files",
}


class Looked(NamedTuple):
    """What was given, as the source that reads it."""

    kind: str
    name: str  # for the recipe
    settings: dict[str, Any]
    group: str  # how the corpus is split: site_path, domain, document
    needs_contact: bool = False


def look(given: Sequence[str], contact: str) -> Looked:
    """The source for some URLs, files, folders or patterns of files.

    Raises:
        BadRecipe: they are of several kinds, of none that is known, or not there.
    """
    urls = [each for each in given if "://" in each]
    if len(urls) == len(given):
        listed = all(ENDINGS.get(_ending(Path(url))) == "warc_paths" for url in urls)
        return _lists(urls, contact, origin(urls[0]) + "/") if listed else _web(urls, contact)
    if urls:
        msg = f"{urls[0]} is a URL, and {_first_file(given)} is not: a recipe has one source."
        raise BadRecipe(msg)
    return _files([_found(each) for each in given], contact)


def is_local(url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _web(urls: list[str], contact: str) -> Looked:
    for url in urls:
        if canonical(url) is None:
            msg = f"{url!r} is no http or https address without a user name in it."
            raise BadRecipe(msg)
    seeds = [canonical(url) or url for url in urls]
    local = all(map(is_local, seeds))
    if not local and any(map(is_local, seeds)):
        msg = "Some of these addresses are this machine's own and some are not: make two recipes."
        raise BadRecipe(msg)
    settings: dict[str, Any] = {"seeds": seeds, "contact": contact}
    if local:
        settings |= {"loopback": True}
    hosts = {urlsplit(seed).hostname or "" for seed in seeds}
    name = min(hosts).removeprefix("www.")
    group = "site_path" if len(hosts) == 1 else "domain"
    return Looked("web", name, settings, group, needs_contact=not local and not contact)


def _lists(lists: list[str], contact: str, base: str) -> Looked:
    """Lists of archives that lie below one address."""
    settings: dict[str, Any] = {"lists": lists, "base": base, "contact": contact}
    local = is_local(base)
    if local:
        settings |= {"loopback": True}
    name = Path(lists[0]).name.partition(".")[0]
    return Looked("warc_paths", name, settings, "domain", needs_contact=not local and not contact)


def _files(groups: list[tuple[list[str], list[Path]]], contact: str) -> Looked:
    every = [path for _, paths in groups for path in paths]
    for path in every:
        refuse_wat(str(path))
    kinds = {kind_of(path) for path in every}
    if len(kinds) > 1 or None in kinds:
        strange = next((path for path in every if kind_of(path) is None), every[0])
        msg = (
            f"A recipe has one source, and {strange} is none of "
            f"{', '.join(ENDINGS)}, or not of the kind of the others."
        )
        raise BadRecipe(msg)
    kind = kinds.pop() or ""
    patterns = [each for patterns, _ in groups for each in patterns]
    if kind == "warc_paths":
        return _lists(patterns, contact, COMMON_CRAWL)
    settings: dict[str, Any] = {"paths": patterns}
    group = "document" if kind in ("text_files", "wikipedia_dumps") else "domain"
    if kind in ("parquet_files", "jsonl_files"):
        columns = columns_of(every[0], kind)
        settings["columns"] = columns
        group = "domain" if "url" in columns else "document"
    return Looked(kind, every[0].name.partition(".")[0], settings, group)


def kind_of(path: Path) -> str | None:
    """The source that reads a file, by the file's ending."""
    return ENDINGS.get(_ending(path).lower())


def _found(given: str) -> tuple[list[str], list[Path]]:
    """Patterns for a recipe, and the files that they mean now."""
    path = Path(given).absolute()
    if path.is_file():
        return [str(path)], [path]
    if path.is_dir():
        paths = sorted(each for each in path.rglob("*") if each.is_file() and kind_of(each))
        paths = [each for each in paths if kind_of(each) != "text_files"] or paths  # or notes
        if paths:
            return [f"{path}/**/*{ending}" for ending in sorted(set(map(_ending, paths)))], paths
    paths = sorted(each for each in path.parent.glob(path.name) if each.is_file())
    if not paths:
        msg = f"{given} is no URL, and no file or folder with {', '.join(ENDINGS)} files."
        raise BadRecipe(msg)
    return [str(path)], paths


def _ending(path: Path) -> str:
    """The ending of a file that is known, as it is spelled: patterns heed the case. Else ""."""
    known = next((each for each in ENDINGS if path.name.lower().endswith(each)), "")
    return path.name[len(path.name) - len(known) :]


def _first_file(given: Sequence[str]) -> str:
    return next(each for each in given if "://" not in each)
