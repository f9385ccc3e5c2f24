"""Looking at what a user wants to make a corpus of: which source it takes, and with what in it."""

from __future__ import annotations

import gzip
import ipaddress
import itertools
import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.crawl.canonical_url import canonical
from pipeline.errors import BadRecipe

ENDINGS = {
    ".warc": "warc_files",
    ".warc.gz": "warc_files",
    ".parquet": "parquet_files",
    ".jsonl": "jsonl_files",
    ".jsonl.gz": "jsonl_files",
}
_ROWS = 200  # looked at to guess which column is which
_NAMES = {  # what columns are called, the likeliest first
    "text": ("text", "content", "body", "raw_content", "document", "article", "markdown"),
    "url": ("url", "uri", "source_url", "page_url", "link", "warc_target_uri"),
    "title": ("title", "headline"),
    "language": ("language", "lang"),
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
        return _web(urls, contact)
    if urls:
        msg = f"{urls[0]} is a URL, and {_first_file(given)} is not: a recipe has one source."
        raise BadRecipe(msg)
    return _files([_found(each) for each in given])


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


def _files(groups: list[tuple[str, list[Path]]]) -> Looked:
    every = [path for _, paths in groups for path in paths]
    kinds = {kind_of(path) for path in every}
    if len(kinds) > 1 or None in kinds:
        strange = next((path for path in every if kind_of(path) is None), every[0])
        msg = (
            f"A recipe has one source, and {strange} is none of "
            f"{', '.join(ENDINGS)}, or not of the kind of the others."
        )
        raise BadRecipe(msg)
    kind = kinds.pop() or ""
    settings: dict[str, Any] = {"paths": [pattern for pattern, _ in groups]}
    group = "domain"
    if kind != "warc_files":
        columns = _columns(every[0], kind)
        settings["columns"] = columns
        group = "domain" if "url" in columns else "document"
    return Looked(kind, every[0].name.partition(".")[0], settings, group)


def kind_of(path: Path) -> str | None:
    """The source that reads a file, by the file's ending."""
    found = [kind for ending, kind in ENDINGS.items() if path.name.lower().endswith(ending)]
    return found[0] if found else None


def _found(given: str) -> tuple[str, list[Path]]:
    """A pattern for a recipe, and the files that it means now."""
    path = Path(given).absolute()
    if path.is_file():
        return str(path), [path]
    if path.is_dir():
        paths = sorted(each for each in path.rglob("*") if each.is_file() and kind_of(each))
        endings = {ending for each in paths for ending in ENDINGS if each.name.endswith(ending)}
        if paths:
            shortest = min(endings, key=len) if len(endings) == 1 else f"{_common(endings)}*"
            return f"{path}/**/*{shortest}", paths
    paths = sorted(each for each in path.parent.glob(path.name) if each.is_file())
    if not paths:
        msg = f"{given} is no URL, and no file or folder with {', '.join(ENDINGS)} files."
        raise BadRecipe(msg)
    return str(path), paths


def _common(endings: Iterable[str]) -> str:
    """What endings such as .jsonl and .jsonl.gz begin with."""
    return min(endings, key=len)


def _first_file(given: Sequence[str]) -> str:
    return next(each for each in given if "://" not in each)


def _columns(path: Path, kind: str) -> dict[str, str]:
    """Which column is the text, and which, if any, the URL, title and language.

    Raises:
        BadRecipe: the file cannot be read, or no column holds text.
    """
    rows = _parquet_rows(path) if kind == "parquet_files" else _jsonl_rows(path)
    letters = {
        name: sum(len(row.get(name) or "") for row in rows)
        for name in dict.fromkeys(name for row in rows for name in row)
        if all(isinstance(row.get(name), str | None) for row in rows)
    }
    text = next((n for n in _NAMES["text"] if letters.get(n)), None)
    text = text or max(letters, key=letters.__getitem__, default=None)
    if not text or not letters[text]:
        msg = f"No column of {path} holds text in its first {_ROWS} rows."
        raise BadRecipe(msg)
    found = {"text": text}
    for role in ("url", "title", "language"):
        name = next((n for n in _NAMES[role] if letters.get(n) and n != text), None)
        if name:
            found[role] = name
    return found


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            names = [f.name for f in file.schema_arrow if _is_text(f.type)]
            batch = next(file.iter_batches(_ROWS, columns=names), None)
    except (OSError, pa.ArrowException) as error:
        msg = f"{path} cannot be read as Parquet: {error}"
        raise BadRecipe(msg) from error
    return batch.to_pylist() if batch else []


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _jsonl_rows(path: Path) -> list[dict[str, Any]]:
    open_file = gzip.open if path.suffix == ".gz" else open
    try:
        with open_file(path, "rb") as lines:
            rows = [json.loads(line) for line in itertools.islice(lines, _ROWS) if line.strip()]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        msg = f"{path} cannot be read as one JSON object a line: {error}"
        raise BadRecipe(msg) from error
    return [row for row in rows if isinstance(row, dict)]
