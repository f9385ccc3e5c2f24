"""The templates of pages that need nothing from outside and run no script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from flows.results.words import duration, language_name, short
from flows.terminal.plain_text import plain

PAGES = Path(__file__).parents[1] / "pages"


def template(name: str) -> Template:
    """The template in a file; it escapes what it is given, and knows the words of pages."""
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "short": short,
        "duration": duration,
        "plain": plain,
        "language": language_name,
    }
    return environment.get_template(name)


def style(*names: str) -> Markup:
    """Style sheets, to stand in the page."""
    return Markup("\n".join((PAGES / name).read_text(encoding="utf-8") for name in names))
