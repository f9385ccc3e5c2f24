"""The first recipe for somebody's own pages: short, with what people change, and why."""

from __future__ import annotations

import json
import re
from typing import Any

from flows.first_recipe.source import Looked

SCHEMA = "recipe.schema.json"

_HEAD = """\
#:schema {schema}
# Everything that decides what the corpus and the model are. What is left out has its default:
# `penstock blocks` lists what can stand here; `penstock plan FILE` says what a run would do.
name = {name}
"""

_REST = """\

[documents]
extractor = "main_text"      # or "trafilatura", "resiliparse", "plain_text"

[signals]
families = ["language", "words", "repetition", "private_data"]

# Rules are asked in this order; the first that drops a document is its reason. A changed threshold
# runs only what follows from it. `penstock sample verdicts --dropped` shows what they took.
[verdicts]
rules = [
    "empty_text",
    {{ kind = "word_count", fewest = 50 }},
    "mean_word_length",
    "symbol_ratio",
    "duplicate_lines",
    "duplicate_ngrams",
    # {{ kind = "languages", keep = ["en"] }},
]

[clusters]
threshold = 0.8              # documents this similar are one; the longest stays

[corpus.split]
group = "{group}"{pad}# what stays on one side: domain, site_path (one site), document
validation_share = 0.1

[tokenizer]
vocabulary = 8192

[tokens]
context = 256

[model]
steps = 1000

[gates]
most_lost_share = 0.2        # a refresh that loses more does not become @latest

[runtime]                    # where and how fast; changes no version
store = "store"
workers = 2
"""


def first_recipe(looked: Looked, name: str) -> str:
    """The text of the recipe.

    Args:
        looked: the source.
        name: of the corpus, as people give it.
    """
    head = _HEAD.format(schema=SCHEMA, name=quoted(recipe_name(name)))
    pad = " " * (19 - len(looked.group))
    return head + _source(looked) + _REST.format(group=looked.group, pad=pad)


def recipe_name(text: str) -> str:
    """A name that a recipe may have."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:64]
    return plain or "web"


def quoted(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {quoted(each)}' for name, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _source(looked: Looked) -> str:
    lines = ["", "[pages.source]", f"kind = {quoted(looked.kind)}"]
    for name, value in looked.settings.items():
        if name == "contact" and not value and not looked.needs_contact:
            continue
        lines.append(f"{name} = {quoted(value)}{_remark(looked, name)}")
    if looked.kind == "web":
        local = "loopback" in looked.settings
        rate = "requests_per_second = 20     # our own server: elsewhere leave the default, 1"
        polite = "# requests_per_second = 1    # a host; slower where its robots.txt asks for it"
        lines.append(rate if local else polite)
        lines += ["# most_pages = 100000", '# deny = ["/print/"]          # patterns (RE2)']
    return "\n".join([*lines, ""])


def _remark(looked: Looked, name: str) -> str:
    if name == "contact" and looked.needs_contact:
        return "                 # fill in: your e-mail address or page; sites see it"
    return {
        "loopback": "              # this machine; refused unless a recipe says so",
        "columns": "  # guessed",
    }.get(name, "")
