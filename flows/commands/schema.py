"""Print the JSON Schema of recipes, for editors that complete and check TOML.

Blocks are in it by kind, each with its own fields and documentation. A recipe that begins with
`#:schema recipe.schema.json` is checked while it is written (Taplo, Even Better TOML, Tombi).
"""

from __future__ import annotations

import argparse

EXAMPLES = """\
  penstock schema > recipe.schema.json
"""


def arguments(_parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(_given: argparse.Namespace) -> int:
    """Print the schema."""
    import json

    from flows.recipe import recipe_schema

    print(json.dumps(recipe_schema(), indent=2, ensure_ascii=False))
    return 0
