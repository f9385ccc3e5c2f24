"""What to do after a run: commands that work as they stand, with this run's own names in them."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows.results.counts import shards
from flows.results.figures import Try
from flows.session import Session
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID

REFRESH_VARIABLE = "PENSTOCK_REFRESH"  # set by whoever starts runs in another way (infra/demo.sh)
_LONGEST_URL = 200  # characters; a command is to be read


def tries(session: Session, found: Mapping[str, Manifest]) -> tuple[Try, ...]:
    """The next things to try, as far as this run has come."""
    said = shlex.split(session.asked.command)
    recipe = shlex.quote(next((word for word in said if word.endswith(".toml")), "my.toml"))
    store = _store(session)

    def command(words: str) -> str:
        return f"{_program()} {words}{store}"

    listed = [Try(why=_change(session, recipe), command=command(f"plan {recipe}"))]
    url, why = _document(session.store, found)
    if url:
        listed.append(Try(why=why, command=command(f"trace {recipe} {shlex.quote(url)}")))
    if "corpus" in found:
        words = f"sample corpus --recipe {recipe}"
        listed.append(Try(why="See some documents of the corpus", command=command(words)))
    if "model" in found:
        words = f'generate {recipe} "The server "'
        listed.append(Try(why="Let the model write", command=command(words)))
    refresh = os.environ.get(REFRESH_VARIABLE) or command(f"run {recipe} --refresh")
    listed.append(Try(why="Look at the sources again: only changes are made", command=refresh))
    if "corpus" in found:
        why = "Compare the two newest corpora, once there are two"
        listed.append(Try(why=why, command=command(f"diff {recipe}")))
    return tuple(listed)


def _program() -> str:
    """How this command line is called here."""
    called = Path(sys.argv[0])
    if called.name != "penstock":
        return f"{shlex.quote(_from_here(Path(sys.executable)))} -m flows"
    return "penstock" if shutil.which("penstock") else shlex.quote(_from_here(called.absolute()))


def _store(session: Session) -> str:
    """The option that names the store, where the recipe names another."""
    place = session.runtime.store
    if place == session.recipe.runtime.store:
        return ""
    here = place if "://" in place else _from_here(Path(place).absolute())
    return f" --store {shlex.quote(here)}"


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _change(session: Session, recipe: str) -> str:
    """A threshold of this recipe to change, and to what."""
    for rule in session.recipe.verdicts.rules:
        for name in (field for field in type(rule).model_fields if field in rule.model_fields_set):
            value = getattr(rule, name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                new = value * 2 if isinstance(value, int) or value <= 0.5 else value / 2
                return f"In {recipe}, make {name} of {rule.kind()} {new} and see what would run"
    return f"Change a threshold in {recipe} and see what would run"


def _document(store: Store, found: Mapping[str, Manifest]) -> tuple[str, str]:
    """The URL of a document with a story, and what to say of it."""
    for stage, why in (
        ("clusters", "A document's story: this one has a near duplicate that was kept"),
        ("verdicts", "A document's story: this one was dropped by a rule"),
    ):
        if stage in found and "pages" in found:
            url = _url_of(store, found["pages"], _first_left(store, found[stage]))
            if url:
                return url, why
    if "corpus" in found:
        for _, rows in shards(store, found["corpus"], "corpus", ["url"]):
            if rows.num_rows:
                return rows["url"][0].as_py(), "A document's story, from its URL to the batches"
    return "", ""


def _first_left(store: Store, manifest: Manifest) -> list[bytes]:
    """Some documents that were dropped by a rule, or for a near duplicate."""
    for _, rows in shards(store, manifest, "ledger", [DOC_ID, "rule"]):
        told = rows.filter(pc.invert(pc.is_in(rows["rule"], pa.array(["superseded", "removed"]))))
        if told.num_rows:
            found: list[bytes] = sorted(told[DOC_ID].to_pylist())[:8]
            return found
    return []


def _url_of(store: Store, pages: Manifest, doc_ids: list[bytes]) -> str:
    wanted = pa.array(doc_ids, pa.binary(16))
    for _, rows in shards(store, pages, "pages", [DOC_ID, "url"]) if doc_ids else ():
        urls: list[str] = rows["url"].filter(pc.is_in(rows[DOC_ID], wanted)).to_pylist()
        short = sorted(url for url in urls if len(url) <= _LONGEST_URL and url.isprintable())
        if short:
            return short[0]
    return ""
