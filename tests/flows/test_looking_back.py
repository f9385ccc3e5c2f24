"""The commands with which people look at what was made: why, diff, sample, trace."""

import json

import pytest

from flows.cli import main
from flows.lineage.seen import steps_of
from pipeline.lineage.story import Training
from ray_jobs.stages import Pretrain
from ray_jobs.token_loader import rows_of_step
from schemas.artifact import ArtifactRef, Exactness, Manifest
from tests.tiny_corpus import HOSTILE, RECIPE, SITE, copied, recipe_file, two_windows


@pytest.fixture
def penstock(capsys, monkeypatch):
    """Runs the command line on the tiny store; returns its exit code and what it printed."""
    folder, _, _ = two_windows()
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words, code=0):
        capsys.readouterr()
        assert main([*map(str, words), "--store", str(folder / "store")]) == code
        shown = capsys.readouterr()
        return shown.err if code == 1 else shown.out

    command.recipe = folder / "tiny.toml"
    return command


def url(number):
    return f"{SITE}{number:02d}.html"


def test_why_names_the_field_that_changed(penstock, tmp_path):
    text = RECIPE.replace("fewest = 30", "fewest = 31")
    source = penstock.recipe.parent
    changed = recipe_file(tmp_path, text.replace("FOLDER", str(source)))
    shown = penstock("why", changed, "verdicts")
    assert shown.startswith("verdicts: to make\n")
    assert "config rules[1].fewest: 30 -> 31" in shown
    assert "known after verdicts" in penstock("why", changed, "corpus")
    assert "documents: reused, documents@" in penstock("why", changed)


def test_why_tells_how_a_reused_version_differs_from_the_one_before(penstock):
    shown = penstock("why", penstock.recipe, "corpus")
    assert "corpus: reused, corpus@" in shown
    assert "since corpus@" in shown
    assert "input documents.documents: column group text came out different" in shown


def test_why_compares_two_versions(penstock):
    shown = penstock("why", "corpus/tiny@latest", "corpus/tiny@latest")
    assert "the same was asked for" in shown
    assert "what came out is equal" in shown
    assert "Compare corpus/tiny with what?" in penstock("why", "corpus/tiny", code=1)


def test_why_of_a_stage_that_is_none_names_those_that_are(penstock):
    shown = penstock("why", penstock.recipe, "verdict", code=1)
    assert "No stage of" in shown
    assert "verdicts" in shown


def test_diff_shows_the_edited_site(penstock):
    shown = penstock("diff", penstock.recipe)
    assert "1 added, 2 changed, 1 gone, 23 unchanged" in shown
    assert f"+ {url(30)}\n" in shown
    assert f"- {url(5)}  (clusters: removed)\n" in shown
    assert "superseded" not in shown  # a record that a newer one replaces is no drop
    assert "the same" in shown  # the tokenizer
    short = penstock("diff", penstock.recipe, "--most", "1")
    assert "~ and 1 more (--most 2)" in short


def test_diff_of_stages_without_documents_says_what_to_do(penstock):
    assert "of different stages" in penstock("diff", "corpus", "tokens", code=1)
    assert "holds no URLs" in penstock("diff", "verdicts", "verdicts", code=1)


@pytest.mark.parametrize(
    ("number", "ending"),
    [
        (1, "in the corpus"),
        (21, "left at verdicts; dropped by word_count: value 9, threshold 30"),
        (5, "left at clusters; dropped by removed"),
    ],
)
def test_trace_says_how_a_document_ended(penstock, number, ending):
    assert f"{url(number)}\n  {ending}\n" in penstock("trace", penstock.recipe, url(number))


def test_trace_finds_a_document_by_any_of_its_names(penstock):
    by_url = penstock("trace", penstock.recipe, url(1), "--json")
    told = json.loads(by_url)
    assert penstock("trace", penstock.recipe, told["doc_id"][:10], "--json") == by_url
    spelled = penstock("trace", "corpus/tiny@latest", "HTTPS://Pages.Example/./01.html#top")
    assert told["doc_id"] in spelled
    corpus = next(each for each in told["chapters"] if each["stage"] == "corpus")
    place = f"{corpus['shard']}:{corpus['row']}"
    assert penstock("trace", penstock.recipe, place, "--json") == by_url
    tokens = next(each for each in told["chapters"] if each["stage"].startswith("tokens"))
    row = tokens["facts"]["pieces"][0]["row"]
    inside = penstock("trace", penstock.recipe, f"{tokens['stage']}/{tokens['shard']}:{row}")
    assert url(1) in inside


def test_trace_tells_older_records_when_asked(penstock):
    assert penstock("trace", penstock.recipe, url(3)).count("doc_id") == 1
    both = penstock("trace", penstock.recipe, url(3), "--all")
    assert both.count("doc_id") == 2
    assert f"superseded: {url(3)} was kept in its place" in both


@pytest.mark.parametrize("name", [f"{SITE}nowhere.html", "abcdef123456", "books.jsonl#3"])
def test_trace_of_nothing_is_an_error(penstock, name):
    assert f"A document '{name}' is not in the store" in penstock(
        "trace", penstock.recipe, name, code=1
    )


def test_hostile_pages_are_shown_as_text(penstock):
    shown = penstock("trace", penstock.recipe, url(25)) + penstock("sample", "pages", "-n", "99")
    shown += penstock("sample", "documents", "-n", "99") + penstock("diff", penstock.recipe)
    assert "[bold red]Fall[/]" in shown
    assert not set(shown) & set(HOSTILE) & {"\x1b", "\x07", "\u202e", "\u202c"}


def test_sample_shows_the_same_documents_each_time(penstock):
    first = penstock("sample", "corpus", "-n", "3")
    assert first == penstock("sample", "corpus/tiny@latest", "-n", "3")
    assert first != penstock("sample", "corpus", "-n", "3", "--seed", "1")
    assert first.count(SITE) == 3


def test_sample_shows_why_documents_were_dropped(penstock):
    shown = penstock("sample", "verdicts", "--dropped")
    assert "dropped by word_count: value 9, threshold 30\nThis one is short" in shown
    assert penstock("sample", "verdicts", "--rule", "word_count") == shown
    assert "No document left by nothing at" in penstock("sample", "verdicts", "--rule", "nothing")


def test_sample_shows_no_page_that_a_newer_one_has_replaced(penstock):
    for words in (("documents",), ("verdicts",), ("clusters", "--dropped")):
        shown = penstock("sample", *words, "-n", "99", "--characters", "0")
        urls = [line for line in shown.splitlines() if line.startswith(SITE)]
        assert len(urls) == len(set(urls))
        assert url(5) not in urls
    assert penstock("sample", "clusters", "--rule", "superseded").count(SITE) == 2


def test_sample_redacts_what_is_private(penstock):
    for stage in ("documents", "corpus", "verdicts"):
        shown = penstock("sample", stage, "-n", "99")
        assert "Write to <EMAIL> about it." in shown
        assert "web.de" not in shown


def test_titles_are_redacted_in_the_corpus_and_wherever_they_are_shown(penstock):
    for words in ((), ("--json",)):
        shown = penstock("trace", penstock.recipe, url(24), *words)
        assert "By <EMAIL>, letter" in shown
        assert "web.de" not in shown
    for stage in ("pages", "documents", "corpus"):
        shown = penstock("sample", stage, "-n", "99")
        assert "By <EMAIL>, letter" in shown
        assert "web.de" not in shown
    _, _, run = two_windows()
    titles = run.store.read(run.store.open(run.ref("corpus")), "corpus", ["title"])["title"]
    assert "By <EMAIL>, letter" in titles.to_pylist()


def test_a_document_knows_the_steps_that_saw_it():
    job = Pretrain(steps=23, rows_per_step=4, seed=3)
    model = _model(job)
    rows = (2, 5)
    trained = Training(model=model.ref, tokens=model.ref, rows=rows, of_rows=11)
    seen = [
        step
        for step in range(job.steps)
        if set(rows) & set(rows_of_step(step, rows=11, rows_per_step=4, seed=3).tolist())
    ]
    assert steps_of(trained, model) == seen


def _model(job):
    return Manifest(
        ref=ArtifactRef(stage="model", key="0" * 64),
        exactness=Exactness.TOLERANCE,
        parts={"format": 1, "stage": "model", "config": job.config()},
        inputs={},
        shards=(),
        digests={},
        columns={},
        rows={},
    )


def test_names_move_and_come_back(tmp_path, capsys):
    store = str(copied(tmp_path) / "store")

    def command(*words, code=0):
        assert main([*words, "--store", store]) == code
        shown = capsys.readouterr()
        return shown.out + shown.err

    listed = command("versions", "corpus")
    labels = [line.split()[0] for line in listed.splitlines()[1:]]
    assert len(labels) == 2
    assert "@latest" in listed.splitlines()[1]
    for label in reversed(labels):
        command("promote", label, "corpus/tiny@prod", "--why", "a test")
    assert "@latest @prod" in command("versions", "corpus/tiny")
    assert "again" in command("rollback", "corpus/tiny@prod", "--why", "a test")
    assert command("versions", "corpus").splitlines()[2].split()[1] == "@prod"
    assert "is a version of corpus" in command(
        *("promote", labels[0], "tokens/tiny@prod", "--why", "a test"), code=1
    )
    assert "is no moving name" in command("rollback", "corpus/tiny", "--why", "x", code=1)
    assert "corpus/tiny@nothing is not in the store" in command(
        "rollback", "corpus/tiny@nothing", "--why", "x", code=1
    )
