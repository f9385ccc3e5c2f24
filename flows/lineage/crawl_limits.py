"""Which of a source's limits leaves an address out."""

from __future__ import annotations

from flows.stage_of import stage_of
from pipeline.crawl.sources.web import Web
from pipeline.crawl.stage import Pages
from pipeline.errors import BadRecipe
from pipeline.versions.key import KeyParts
from schemas.artifact import Manifest


def left_out_by(pages: Manifest, url: str) -> str:
    """The limit of the source that made some pages, or "" where none leaves the address out."""
    try:
        stage = stage_of(KeyParts.from_json(pages.parts))
    except BadRecipe:
        return ""  # other code made it, which nobody can ask now
    if not isinstance(stage, Pages) or "://" not in url:
        return ""
    return stage.source.outside(url) if isinstance(stage.source, Web) else ""
