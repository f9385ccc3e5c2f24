"""The templates of pages that need nothing from outside and run no script."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from flows.results import words
from flows.results.words import duration, language_name, short
from flows.terminal import plain_text
from flows.terminal.plain_text import plain
from pipeline.cache_folder import cache_folder
from pipeline.kept_arrays import source_of
from pipeline.kept_files import read_kept, write_kept

PAGES = Path(__file__).parents[1] / "pages"
MOST_FILES = 64  # of some kilobytes
_SOURCES = (
    source_of(str(words.__file__)),
    source_of(str(plain_text.__file__)),
    source_of(__file__),
)
_PACKAGES = (version("jinja2"), version("markupsafe"))
DECIDES = " ".join((*_SOURCES, *_PACKAGES))  # filters too: Jinja applies them to constants


class _KeptCode(BytecodeCache):
    """What Jinja makes of a template, kept for later processes; it is compiled from it once."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put what was kept of a template into its bucket, which takes no other template's."""
        content = read_kept(_place(bucket))
        if content is not None:
            bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in a bucket."""
        write_kept(_place(bucket), bucket.bytecode_to_string(), most=MOST_FILES)


def _place(bucket: Bucket) -> Path:
    """A file for each of what decides the code; the bucket itself asks for the template's text."""
    decides = f"{bucket.key} {DECIDES}"
    return cache_folder() / "pages" / hashlib.sha256(decides.encode()).hexdigest()


def template(name: str) -> Template:
    """The template in a file; it escapes what it is given, and knows the words of pages."""
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_KeptCode(),
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
