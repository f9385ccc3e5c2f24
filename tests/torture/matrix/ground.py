"""What every case of the matrix stands on: a small corpus, its reference, children to be killed."""

import contextlib
import shutil
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pipeline.store
from flows.recipe import read_recipe
from pipeline.storage import leases
from pipeline.storage.gc import collect
from pipeline.storage.presence import COLLECTION
from pipeline.storage.roots import Keep
from pipeline.store import Store
from tests import tiny_corpus
from tests.forking import in_child
from tests.tiny_corpus import FIRST, RECIPE, recipe_file, write_pages
from tests.torture import watched
from tests.torture.watched import differing, whole_versions

SHARD_DOCUMENTS = 12


class Ground:
    """A folder with pages and recipe, and a store in which everything is made once.

    Its stages are the real ones, from `pages` to `tokens`; drivers are forks of this process, which
    has everything imported and compiled.
    """

    def __init__(self, folder, documents=30):
        self.folder = folder
        folder.mkdir(parents=True)
        self.pages = {number: tiny_corpus.page(number) for number in range(documents)}
        self.pages |= {n: each for n, each in tiny_corpus.pages().items() if n < documents}
        write_pages(folder / "pages.jsonl", self.pages)
        each = max(SHARD_DOCUMENTS, documents // 8)
        recipe_file(folder, RECIPE.replace("shard_documents = 12", f"shard_documents = {each}"))
        self.whole = folder / "whole"
        began = time.monotonic()
        self.drive(self.whole)
        self.compiled_seconds = time.monotonic() - began
        shutil.rmtree(self.whole)
        began = time.monotonic()
        self.drive(self.whole)
        self.seconds = time.monotonic() - began  # of an undisturbed run
        self.reference = digests(self.whole)

    @property
    def stages(self):
        """Their names, in the order of the store."""
        return sorted(self.reference)

    def drive(self, root, window=FIRST, **asked):
        """Run the recipe on a store, in this process."""
        recipe = read_recipe(self.folder / "tiny.toml")
        runtime = recipe.runtime.model_copy(update={"store": root.as_uri()})
        recipe = recipe.model_copy(update={"runtime": runtime})
        return tiny_corpus.run(recipe, refresh=True, window=window, **asked)

    def before(self, stage, root):
        """A copy of the store in which one stage is still to make, and nothing says it ever was."""
        shutil.copytree(self.whole, root)
        for kind in ("versions", "shards"):
            shutil.rmtree(root / kind / stage, ignore_errors=True)
        for kind in ("refs", "runs", "lineage", "index", "attempts"):
            shutil.rmtree(root / kind, ignore_errors=True)
        return root

    def after(self, root):
        """What holds after any end: all that is seen is whole, and the next run ends the same."""
        whole_versions(root)
        assert in_child(lambda: self.drive(root)) == 0, f"the next run fails on {root}"
        found = digests(root)
        assert found == self.reference, differing(self.reference, found)
        store = Store.at(root, create=False)
        collect(store, Keep(grace_seconds=0), who="test", why="test", now=time.time() + 60)
        whole_versions(root)
        left = [path for path in root.rglob("*") if ".part-" in path.name]
        left += [*(root / "attempts/scratch").glob("*"), *(root / "attempts/uses").rglob("*.json")]
        held = {entry.path.split("/")[2] for entry in store.files.entries(leases.FOLDER)}
        left += held - {COLLECTION}
        assert not left, f"left behind: {left[:3]}"


def digests(root):
    """Stage -> the digests of its only version, of every stage that is there."""
    return watched.digests(root, sorted(path.name for path in (root / "versions").iterdir()))


@contextlib.contextmanager
def files_by(make):
    """Stores are opened with files that `make(root)` gives, one for each root."""
    made = {}

    def files_at(place):
        root = Path(unquote(urlsplit(str(place)).path))
        if root not in made:
            made[root] = make(root)
        return made[root]

    before, pipeline.store.files_at = pipeline.store.files_at, files_at
    try:
        yield
    finally:
        pipeline.store.files_at = before
