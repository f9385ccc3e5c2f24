"""Write what came of a corpus as one HTML file that works offline.

Documents and bytes by stage, what each rule dropped with examples to read, a histogram of every
signal with the thresholds drawn in, languages, duplicates with the largest clusters, domains,
private data by type, tokens per document. Private data is redacted in all examples.

With a recipe its present corpus, or the last that there was. Where FILE ends in .json, the same
numbers are written as JSON.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.options import add_store
from flows.subject import is_recipe

EXAMPLES = """\
  penstock report my.toml report.html
  penstock report corpus/my@latest report.html --examples 10
  penstock report my.toml report.json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or corpus/my@latest")
    parser.add_argument("file", type=Path, help="a new file, or one to overwrite; it is in clear")
    parser.add_argument(
        "--examples", type=int, default=3, metavar="N", help="documents of each rule [3]"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Write the page."""
    from flows.report.gather import gather
    from flows.report.page import page
    from flows.subject import versions_of

    store, versions = versions_of(given, given.subject)
    found = gather(store, versions, _name(given.subject), examples=max(given.examples, 0))
    if given.file.suffix == ".json":
        _write(given.file, found.model_dump_json(indent=1))
    else:
        _write(given.file, page(found))
    print(f"{given.file} is the report of {found.subject}.")
    return 0


def _name(subject: str) -> str:
    """What the corpus is called: by its recipe, or by the name that was given."""
    if not is_recipe(subject):
        return subject
    from flows.recipe import read_recipe

    recipe = read_recipe(Path(subject))
    return recipe.description or recipe.name


def _write(path: Path, text: str) -> None:
    from pipeline.errors import StoreUnreachable

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "Name a file in a folder that can be written."
        raise StoreUnreachable(str(path), problem=problem, remedy=remedy) from error
