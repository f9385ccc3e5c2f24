"""Private data that is in pages is in the raw tables, and nowhere else: not stored, not shown."""

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from tokenizers import Tokenizer

from flows.cli import main
from flows.explore.answers import Words, answer
from flows.explore.subject import Looked
from pipeline.store import Store
from tests.private_canaries import among, planted, readable
from tests.tiny_corpus import RECIPE, SITE, page, prose, recipe_file

PLACES = ("kept", "title", "short", "copies", "list", "broken")
EACH = 4  # values of a kind in each of those places
RAW = (("shards", "pages"), ("shards", "documents"))  # whose tables hold what pages said
HALF = "HALF"  # stands for half a character, of which no UTF-8 is made
RULES = 'rules = ["empty_text", { kind = "word_count", fewest = 30 }]'
STRICT = 'rules = ["empty_text", { kind = "word_count", fewest = 100 }, "private_data"]'


def values(place, turn):
    """One value of each kind, on a line."""
    at = PLACES.index(place) * EACH + turn
    return ", ".join(each[at] for each in planted(len(PLACES) * EACH).values())


def long_prose(number):
    return "\n".join(prose(100 + 7 * number + more) for more in range(7))


def pages():
    """Lines with planted values, by the place where these stand; of the broken no text is made."""
    made = []
    for turn in range(EACH):
        told = {place: values(place, turn) for place in PLACES}
        made += [
            page(10 + turn, f"{long_prose(turn)}\n{told['kept']}"),
            page(20 + turn, long_prose(10 + turn), f"About {told['title']}"),
            page(30 + turn, f"Short: {told['short']}", f"Short: {told['short']}"),
            page(40 + turn, f"{long_prose(20)}\nBy {told['copies']}.\nNo. {turn}"),
            page(50 + turn, f"{prose(99)} {' '.join([told['list']] * 8)}"),
            page(60 + turn, f"Half a character {HALF}: {told['broken']}"),
        ]
    return "".join(f"{json.dumps(one)}\n" for one in made).replace(HALF, "\\ud800")


class Ran:
    """A folder with a store, and all that was said on the way."""

    def __init__(self, folder):
        self.folder, self.said = folder, []
        self.store, self.recipe = folder / "store", folder / "tiny.toml"

    def penstock(self, *words, code=0):
        """Run a command; what it printed is kept."""
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            ended = main([*map(str, words)])
        assert ended == code, said.getvalue()
        self.said.append(said.getvalue())


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A real run of those pages, and every question that shows documents."""
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "pages.jsonl").write_text(pages())
    recipe = recipe_file(folder, RECIPE.replace(RULES, STRICT))
    run = Ran(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "300")
        run.penstock("run", recipe, "--no-prefect", "--to", "tokens,tokens.validation")
        ask(run)
    return run


def ask(run):
    """Ask all that shows documents."""
    run.penstock("report", run.recipe, run.folder / "report.html", "--examples", 40)
    run.said.append((run.folder / "report.html").read_text())
    for stage in ("documents", "verdicts", "clusters", "corpus"):
        run.penstock("sample", stage, "--recipe", run.recipe, "-n", 40, "--characters", 9000)
    for stage in ("verdicts", "clusters"):
        run.penstock("sample", stage, "--dropped", "--recipe", run.recipe, "-n", 40)
    run.penstock("whatif", run.recipe, "word_count.fewest=300")
    run.penstock("card", run.recipe)
    looked = Looked(Store.at(run.store, create=False))
    for number in (20, 30, 41):
        url = f"{SITE}{number}.html"
        run.penstock("trace", run.recipe, url)
        asked = Words([("of", "run:tiny/1"), ("words", url)])
        found = answer(looked, "/api/documents", asked)
        row = found["rows"][0]
        story = Words([("of", "run:tiny/1"), ("doc", row["doc"]), ("shard", row["shard"])])
        run.said += [json.dumps(found), json.dumps(answer(looked, "/api/story", story))]


def all_values():
    return [value for each in planted(len(PLACES) * EACH).values() for value in each]


def files(run, *, raw):
    """The files of the store, as text: those of the raw stages' tables, or all others."""
    for path in sorted(path for path in run.store.rglob("*") if path.is_file()):
        made_by = path.relative_to(run.store).parts[:2]
        if raw == (path.suffix == ".parquet" and made_by in RAW):
            yield path, readable(path.read_bytes())


def decoded(run):
    """All token rows as text."""
    (vocabulary,) = run.store.glob("shards/tokenizer/**/*tokenizer.json")
    tokenizer, store = Tokenizer.from_file(str(vocabulary)), Store.at(run.store)
    for stage in ("tokens", "tokens.validation"):
        (manifest,) = store.manifests(stage)
        ids = store.read(manifest, "rows", ["ids"])["ids"].combine_chunks().flatten()
        yield tokenizer.decode(ids.to_pylist(), skip_special_tokens=False)


def test_what_is_private_stays_in_the_raw_tables(ran):
    every = all_values()
    broken = {value for turn in range(EACH) for value in values("broken", turn).split(", ")}
    raw = " ".join(text for _, text in files(ran, raw=True))
    assert set(among(every, raw)) == set(every) - broken  # so the search can find them

    others = list(files(ran, raw=False))
    assert len(others) > 60
    assert [(path, found) for path, text in others if (found := among(every, text))] == []
    assert [found for text in decoded(ran) if (found := among(every, text))] == []
    assert [found for text in ran.said if (found := among(every, text))] == []


def test_what_is_shown_says_what_stood_there(ran):
    marks = [f"<{kind.upper()}>" for kind in planted(1)]
    corpus = " ".join(text for path, text in files(ran, raw=False) if "/corpus/" in str(path))
    assert among(marks, corpus) == marks
    assert among(marks, " ".join(ran.said)) == marks
    assert among(marks, " ".join(decoded(ran))) == marks
