"""A store with two windows of pages, some of them hostile, its explorer, and a browser."""

import pytest

from flows.explore.server import Server
from flows.recipe import read_recipe
from pipeline.store import Store
from tests.flows.explore.hostile import hostile_pages
from tests.tiny_corpus import FIRST, SECOND, next_window, pages, recipe_file, run, write_pages


@pytest.fixture(scope="session")
def explored(tmp_path_factory):
    """The server of the explorer over that store."""
    folder = tmp_path_factory.mktemp("explored")
    recipe = read_recipe(recipe_file(folder))
    made = pages() | hostile_pages()
    for window, those in ((FIRST, made), (SECOND, next_window(made))):
        write_pages(folder / "pages.jsonl", those)
        run(recipe, refresh=True, window=window)
    with Server(Store.at(folder / "store", create=False)) as server:
        server.start()
        yield server
        server.shutdown()
