"""Thirty made documents, and the store that the real stages make of them."""

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from flows.model import model
from flows.recipe import read_recipe
from flows.session import Asked, Session
from pipeline.run.made import Tracer
from tests.support import Silent

SITE = "https://pages.example/"
SUBJECTS = (
    "river",
    "engine",
    "garden",
    "letter",
    "market",
    "winter",
    "harbour",
    "mirror",
    "bridge",
)
PLACES = ("the old town", "a small island", "this narrow valley", "the northern coast")
HOSTILE = "[bold red]Fall[/] \x1b[31mfor\x1b[0m \u202eit\u202c\x07"
FIRST, SECOND = "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"


def prose(number):
    """Sixty words or so that no other number gives."""
    subject, place = SUBJECTS[number % len(SUBJECTS)], PLACES[number % len(PLACES)]
    told = (
        f"In the year {1800 + number} the {subject} of {place} was first written about.",
        f"Whoever came there on day {number * 7 % 30} of the month saw {number} boats and a tower.",
        f"They said that the {subject} had changed {number * 3} times, and would change again.",
        f"Nobody in {place} could say why number {number} was painted above the door of the house.",
    )
    return "\n".join(told[number % 4 :] + told[: number % 4])


def page(number, text=None, title=None):
    return {
        "url": f"{SITE}{number:02d}.html",
        "title": title or f"Page {number}",
        "text": text or prose(number),
    }


def pages():
    """Plain pages, 20 and 21 too short, 22 a copy of 1, 23 nearly 2, 24 private, 25 hostile."""
    made = {number: page(number) for number in range(30)}
    made[20] = page(20, "Far too short.")
    made[21] = page(21, "This one is short as well, at ten words.")
    made[22] = page(22, prose(1))
    made[23] = page(23, prose(2) + "\nAnd one more sentence.")
    private = "Write to ann.smith@web.de about it."
    made[24] = page(24, f"{prose(24)}\n{private}", f"By ann.smith@web.de, {SUBJECTS[3]}")
    made[25] = page(25, prose(25) + "\n" + HOSTILE, HOSTILE)
    return made


def next_window(made):
    """Page 3 and 4 are edited, page 5 is gone, page 30 is new."""
    edited = {3: page(3, prose(103)), 4: page(4, prose(104)), 30: page(30)}
    return {number: one for number, one in (made | edited).items() if number != 5}


def write_pages(path, made):
    path.write_text("".join(json.dumps(one) + "\n" for one in made.values()))


RECIPE = """
name = "tiny"
[pages.source]
kind = "jsonl_files"
paths = ["FOLDER/pages.jsonl"]
columns = { url = "url", title = "title" }
[verdicts]
rules = ["empty_text", { kind = "word_count", fewest = 30 }]
[corpus.split]
group = "document"
validation_share = 0.2
[validation]
leak_threshold = 0.9
[tokenizer]
vocabulary = 300
[tokens]
context = 32
[runtime]
store = "FOLDER/store"
runner = "process"
shard_documents = 12
"""


def recipe_file(folder, text=RECIPE, name="tiny.toml"):
    path = folder / name
    path.write_text(text.replace("FOLDER", str(folder)))
    return path


class WithoutModel(Session):
    """Everything that needs no training, and no family that nothing here reads."""

    def wanted(self):
        needed = {*self.needed("tokens"), *self.needed("tokens.validation")}
        return frozenset(needed)

    def needed(self, stage):
        tracer = Tracer()
        model(self.recipe, tracer)
        return tracer.needed_for(stage)


def run(recipe, **asked):
    """Make everything but the model; returns the runner."""
    session = WithoutModel(recipe, Asked(requested_by="ann", **asked), recipe.runtime)
    runner = session.run_flow("model", Silent())
    session.write_down(runner)
    session.gate(runner)
    return runner


@cache
def two_windows():
    """A folder with recipe and pages, a store with two windows of them, and both runs."""
    folder = Path(mkdtemp(prefix="tiny-corpus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    recipe = read_recipe(recipe_file(folder))
    runs = []
    for window, made in ((FIRST, pages()), (SECOND, next_window(pages()))):
        write_pages(folder / "pages.jsonl", made)
        runs.append(run(recipe, refresh=True, window=window))
    return folder, *runs


def copied(folder):
    """The same in a folder of one's own, to change at will."""
    source, _, _ = two_windows()
    shutil.copytree(source, folder, dirs_exist_ok=True)
    recipe_file(folder)
    return folder
