"""Copy a version out of the store, under plain names, each file checked by its SHA-256.

A model is a folder that `transformers` loads: model.safetensors, config.json, tokenizer.json. A
corpus is Parquet files that Hugging Face datasets, Polars and DuckDB open. `penstock.json` beside
them is the version's manifest: what it is, and what it was made of.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.options import add_store

EXAMPLES = """\
  penstock export model/web@latest my_model
  penstock export corpus/web@2026-11-21.1 my_corpus
  penstock export my.toml my_model                  the recipe's model
  penstock export my.toml my_corpus --stage corpus
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or model/web@latest")
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument(
        "--stage", default="model", help="of a recipe, the stage whose version to take [model]"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Copy the files."""
    from rich.markup import escape

    from flows.terminal.console import console as wide_enough
    from flows.version_files import copy_out, outside, version_of

    store, manifest = version_of(given, given.subject, stage=given.stage)
    console, count, size = wide_enough(), 0, 0
    files = sum(1 for _ in outside(store, manifest))
    with console.status(f"Copying {manifest.ref} ...") as status:

        def copied(name: str, file_bytes: int) -> None:
            nonlocal count, size
            count, size = count + 1, size + file_bytes
            status.update(f"Copying {manifest.ref}: {count:,} of {files:,} files")

        copy_out(store, manifest, given.folder, copied)
    where = escape(str(given.folder))
    console.print(
        f"{manifest.ref}: {count:,} files, {size / 1e6:,.1f} MB, are in {where}", soft_wrap=True
    )
    return 0
