"""The results page says what happened, shows only itself, and stays while nothing changes."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from flows.recipe import read_recipe
from flows.results.charts import Bar, Level, Station, bars, loss_curve, stream
from flows.results.figures import Figures, Left, StageFigures, Stations, Training, Try
from flows.results.gather import stages_of
from flows.results.page import page
from flows.results.show import show_results
from flows.results.text import short_form
from flows.results.words import beaten, counted, duration, effect, short
from flows.session import Asked, Session
from pipeline.run.history import runs
from pipeline.run.made import Made
from pipeline.store import Store
from tests.flows.seen import tags, words
from tests.flows.toy_job import HOSTILE, ToyJob, score
from tests.support import runner
from tests.tiny_corpus import FIRST, copied


@pytest.fixture
def ended(tmp_path):
    """A function that gives the session and the runner of a run in a store of one's own."""
    folder = copied(tmp_path)
    recipe = read_recipe(folder / "tiny.toml")
    log = runs(Store.at(recipe.runtime.store), recipe.name)
    window = [log.get(number) for number in log.numbers() if log.get(number).window == FIRST]
    first = {name: stage for run in reversed(window) for name, stage in run.stages.items()}

    def end(*, command=f"penstock run {folder}/tiny.toml", seed=0, trained=True, upto=None):
        session = Session(recipe, Asked(command=command), recipe.runtime)
        run = runner(session.store)
        if trained:
            tokens = Made("tokens", session.store.open(first["tokens"].ref))
            run(ToyJob(kind="model", seed=seed), tokens=tokens)
            run(ToyJob(kind="scores", seed=seed), tokens=tokens)
        there = dict(list(first.items())[:upto])
        run.stages = there | run.stages
        return session, run

    return end


def shown(session, run):
    """The page and what the terminal says."""
    terminal = StringIO()
    show_results(session, run, Console(file=terminal, width=100, force_terminal=True))
    html = Path(session.runtime.store) / "reports" / "tiny.html"
    return html.read_text(encoding="utf-8"), terminal.getvalue()


def test_the_page_tells_what_came_of_the_documents(ended):
    html, _ = shown(*ended())
    text = words(html)
    assert "30 pages became 26 clean, unique documents in 1 language" in text
    assert "2 dropped by rules" in text
    assert "1 exact duplicates" in text
    assert "1 near duplicates" in text
    assert "1 e-mail address " in text
    assert re.search(r"word_count\s+2", text)


def test_the_model_stands_beside_the_bigram_model(ended):
    html, terminal = shown(*ended())
    for told in (words(html), " ".join(terminal.split())):
        assert "25% fewer bits than an interpolated Kneser-Ney bigram model" in told
        assert "1.50 against 2.00 bits per byte" in told
    assert "English 26" in " ".join(re.sub("<[^>]*>", " ", html).split())


def test_a_run_that_stops_early_has_a_page_too(ended):
    for upto in (1, 2, 7, 10):
        html, terminal = shown(*ended(trained=False, upto=upto))
        assert "30 pages" in words(html)
        assert "tiny.html" in terminal
        assert "The model" not in words(html)


def test_a_second_run_leaves_the_page_as_it_is(ended):
    session, run = ended()
    shown(session, run)
    reports = Path(session.runtime.store) / "reports"
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in reports.iterdir()}
    _, terminal = shown(*ended())
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in before} == before
    assert "30 pages became" in terminal


def test_a_run_that_stops_early_leaves_the_page_of_the_same_versions(ended):
    before, _ = shown(*ended())
    after, terminal = shown(*ended(trained=False, upto=8))
    assert after == before
    assert "bits per byte" in terminal


def test_another_version_gives_another_page(ended):
    before, _ = shown(*ended())
    after, _ = shown(*ended(seed=1))
    assert before != after


@pytest.mark.parametrize("content", ["{", "{}", '{"recipe": 3}'])
def test_figures_that_cannot_be_read_are_gathered_anew(ended, content):
    session, run = ended()
    shown(session, run)
    kept = Path(session.runtime.store) / "reports" / "tiny.json"
    kept.write_text(content, encoding="utf-8")
    html, _ = shown(session, run)
    assert Figures.model_validate_json(kept.read_bytes()).stations.pages == 30
    assert "30 pages became" in words(html)


def test_nothing_from_a_page_becomes_markup(ended):
    html, terminal = shown(*ended())
    found, attributes = tags(html)
    assert not found & {"script", "img", "iframe", "object", "link", "a", "base", "form"}
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "href")]
    assert "default-src 'none'" in html
    assert "<script>alert(1)</script>" in words(html)  # as text
    for said in (html, terminal):
        assert "\u202e" not in said
        assert "\x1b[31m" not in said
    assert "[bold]red[/]" in terminal


def test_every_text_of_the_figures_is_escaped():
    hostile = Figures(
        made_by=HOSTILE,
        recipe=HOSTILE,
        description=HOSTILE,
        window=HOSTILE,
        stations=Stations(pages=3, extracted=3, kept=2, corpus=1),
        left=(Left(stage=HOSTILE, outcome="dropped", rule=HOSTILE, documents=1),),
        private_data={HOSTILE: 1},
        training=Training(passages=(HOSTILE,)),
        tries=(Try(why=HOSTILE, command=HOSTILE),),
    )
    found, attributes = tags(page(hostile))
    assert not found & {"script", "img"}
    assert "onload" not in attributes
    text = short_form(hostile, HOSTILE)
    assert "\x1b" not in text.plain
    assert "\u202e" not in text.plain


def test_the_page_asks_for_nothing_from_outside(ended):
    html, _ = shown(*ended())
    assert not re.findall(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", html)


def test_the_commands_to_try_name_this_recipe_and_store(ended):
    session, run = ended()
    _, terminal = shown(session, run)
    recipe = Path(session.runtime.store).parent / "tiny.toml"
    for command in ("plan", "trace", "sample corpus --recipe", "generate", "run", "diff"):
        assert f"{command} {recipe}" in terminal
    assert "make fewest of word_count 60" in terminal
    assert "https://pages.example/" in terminal


def test_the_recipe_is_found_behind_options_and_with_a_space_in_its_name(ended):
    session, run = ended(command="penstock run --refresh --to corpus 'a b.toml'")
    _, terminal = shown(session, run)
    assert "plan 'a b.toml'" in terminal


def test_a_store_that_the_recipe_does_not_name_is_in_the_commands(ended):
    session, run = ended(command="penstock run 'a b.toml' --store elsewhere")
    session.recipe = session.recipe.model_copy(
        update={"runtime": session.runtime.model_copy(update={"store": "another"})}
    )
    _, terminal = shown(session, run)
    assert f"--store {session.runtime.store}" in terminal


def test_a_curve_has_its_points_and_names():
    svg = loss_curve([(1, 8.0), (50, 4.0), (100, 3.0)], [Level("validation <b>", 3.2, "model")])
    assert svg.count("<circle") == 3
    assert "validation &lt;b&gt; 3.20" in svg
    assert "training 3.00" in svg


def test_a_long_curve_is_thinned_and_keeps_its_end():
    svg = loss_curve([(n, 8 - n / 2000) for n in range(1, 10_001)], [])
    assert svg.count("<circle") <= 300
    assert "10,000" in svg


@pytest.mark.parametrize("points", [[], [(0, 0.0)], [(1, 2.0), (2, 2.0)]])
def test_a_curve_without_a_slope_is_drawn(points):
    assert "nan" not in loss_curve(points, [])


def test_bars_are_as_long_as_their_shares():
    svg = bars([Bar("all", "4", 3, 1), Bar("half", "2", 2)], "documents")
    assert 'width="75.00%"' in svg
    assert 'width="25.00%"' in svg
    assert 'width="50.00%"' in svg


def test_a_stream_of_nothing_is_drawn():
    assert "nan" not in stream([Station("pages", 0), Station("extracted", 0, ("none",))])


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({}, "Crawled 0 pages."),
        ({"pages": 1}, "Crawled 1 page."),
        ({"pages": 5, "extracted": 4, "corpus": 1}, "5 pages became 1 clean, unique document."),
    ],
)
def test_the_effect_is_one_sentence(figures, sentence):
    given = Figures(
        made_by="", recipe="r", description="", window="w", stations=Stations(**figures)
    )
    assert effect(given) == sentence


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ((True, True), "Made documents and verdicts of 5 pages."),
        ((False, True), "Made verdicts of 5 pages."),
        ((False, False), "5 pages; nothing was to make."),
    ],
)
def test_a_run_that_stops_before_the_corpus_says_what_it_made(made, sentence):
    stages = tuple(
        StageFigures(
            stage=name,
            version="0",
            made=new,
            shards=1,
            rows="",
            seconds=0,
            digests={},
            reproducible=True,
        )
        for name, new in zip(("pages", "documents", "verdicts"), (False, *made), strict=True)
    )
    given = Figures(
        made_by="",
        recipe="r",
        description="",
        window="w",
        stations=Stations(pages=5, extracted=4),
        stages=stages,
    )
    assert effect(given) == sentence


def test_a_model_that_does_not_beat_the_bigram_model_is_said_to():
    told = beaten(Training(model=score(4.4), bigram=score(4.0)))
    assert "does not beat" in told
    assert "10.0% more bits" in told


def test_figures_are_short():
    assert [short(n) for n in (0, 999, 1234, 56_789, 978_000, 1_210_000)] == [
        "0",
        "999",
        "1.23 k",
        "56.8 k",
        "978 k",
        "1.21 M",
    ]
    assert [duration(s) for s in (4.21, 200, 18_420)] == ["4.2 s", "3 min 20 s", "5 h 7 min"]
    assert [counted(1, "page"), counted(2000, "page")] == ["1 page", "2,000 pages"]


def test_what_an_earlier_flow_of_the_run_made_counts_as_made(ended):
    session, run = ended(trained=False)
    walked_over = {
        name: stage.model_copy(update={"reused": True}) for name, stage in run.stages.items()
    }
    assert all(stage.reused for stage in stages_of(session, walked_over).values())
    session.started = "2000-01-01T00:00:00+00:00"  # so that the flows came after
    merged = stages_of(session, walked_over)
    assert not merged["documents"].reused
    assert merged["documents"].wall_seconds > 0
