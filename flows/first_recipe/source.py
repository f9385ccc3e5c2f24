"""Looking at what a user wants to make a corpus of: which source it takes, and with what in it."""

from __future__ import annotations

import glob
from codecs import BOM_UTF8
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import re2

from flows.first_recipe.columns import columns_of
from pipeline.crawl.archives import refuse_wat
from pipeline.crawl.canonical_url import canonical, origin
from pipeline.crawl.remote import COMMON_CRAWL
from pipeline.errors import BadRecipe
from pipeline.loopback import is_loopback

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
HEAD_BYTES = 4096
# How a dump of a wiki begins; other XML tells of what it lies beside.
DUMP = re2.compile(rb"(?s)\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<mediawiki\b")


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
    return is_loopback(host) or host.endswith(".localhost")


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
        if kind_of(path) is None:
            msg = f"A recipe has one source, and {path} is none of {', '.join(ENDINGS)}."
            raise BadRecipe(msg)
    kind = kind_of(every[0]) or ""
    other = next((path for path in every if kind_of(path) != kind), None)
    if other:
        msg = f"A recipe has one source, and {every[0]} and {other} are of two kinds."
        raise BadRecipe(msg)
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
        known = sorted(each for each in path.rglob("*") if each.is_file() and kind_of(each))
        if paths := _meant(known):
            return _patterns(path, paths, {*map(_ending, set(known).difference(paths))}), paths
    paths = sorted(each for each in path.parent.glob(path.name) if each.is_file())
    if not paths:
        msg = f"{given} is no URL, and no file or folder with {', '.join(ENDINGS)} files."
        raise BadRecipe(msg)
    return [str(path)], paths


def _meant(known: list[Path]) -> list[Path]:
    """The files of a folder that hold its pages, without those that only tell of them."""
    paths = [each for each in known if _ending(each).lower() != ".xml" or _is_dump(each)]
    for beside in ("text_files", "warc_paths"):  # notes; lists of what has been fetched
        paths = [each for each in paths if kind_of(each) != beside] or paths
    return paths


def _is_dump(path: Path) -> bool:
    with path.open("rb") as file:
        return DUMP.match(file.read(HEAD_BYTES).removeprefix(BOM_UTF8)) is not None


def _patterns(folder: Path, paths: list[Path], others: set[str]) -> list[str]:
    """What means these files of a folder, and none that has the ending of one of the others."""
    endings = sorted({*map(_ending, paths)} - others)
    one_by_one = [glob.escape(str(each)) for each in paths if _ending(each) in others]
    return [f"{folder}/**/*{ending}" for ending in endings] + one_by_one


def _ending(path: Path) -> str:
    """The ending of a file that is known, as it is spelled: patterns heed the case. Else ""."""
    known = next((each for each in ENDINGS if path.name.lower().endswith(each)), "")
    return path.name[len(path.name) - len(known) :]


def _first_file(given: Sequence[str]) -> str:
    return next(each for each in given if "://" not in each)
