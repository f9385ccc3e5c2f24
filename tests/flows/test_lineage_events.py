"""A run's lineage events: valid, in order, complete, and never in the run's way."""

import json
import threading
import time
from itertools import pairwise
from typing import ClassVar

import pytest

from flows.lineage import events as lineage_events
from flows.lineage import post as lineage_post
from flows.lineage.source_code import address, source_code
from flows.recipe import read_recipe
from flows.safe_words import safe_words
from flows.session import FLOWS, Asked, Session
from pipeline.errors import PipelineError, StageFailed
from tests import event_schema
from tests.flows.receiver import receiver
from tests.flows.toy_driver import toy_model
from tests.pipeline.toy import Judge, Source
from tests.support import Silent
from tests.tiny_corpus import FIRST, SECOND, next_window, pages, recipe_file, write_pages

KEY = "key-of-the-receiver-0815"
LAST = ("COMPLETE", "FAIL", "ABORT")


def run(folder, flow, **asked):
    """Run a flow of the tiny recipe."""
    recipe = read_recipe(folder / "tiny.toml")
    session = Session(recipe, Asked(requested_by="ann", **asked), recipe.runtime)
    runner = session.run_flow(flow, Silent())
    session.write_down(runner)
    return runner


def files(folder):
    """The events in the store, each run's in order."""
    paths = sorted((folder / "store" / "lineage").glob("*/*.json"))
    return [json.loads(path.read_text()) for path in paths]


def versions(datasets):
    return {(each["name"], each["facets"]["version"]["datasetVersion"]) for each in datasets}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Two refreshes and trainings: the folder, and what the receiver was sent."""
    folder = tmp_path_factory.mktemp("told")
    recipe_file(folder)
    with receiver() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENLINEAGE_URL", f"{server.url}/")
        patch.setenv("OPENLINEAGE_API_KEY", KEY)
        patch.setitem(FLOWS, "model", toy_model)
        for window, made in ((FIRST, pages()), (SECOND, next_window(pages()))):
            write_pages(folder / "pages.jsonl", made)
            run(folder, "model", refresh=True, window=window, reason="nightly")
        sent = len(server.received)
        run(folder, "model", refresh=True, window=SECOND)  # nothing to make
        assert len(server.received) == sent
        yield folder, server


def test_every_event_is_valid(told):
    _, server = told
    assert len(server.events()) > 50
    for event in server.events():
        event_schema.check(event)


def test_what_was_posted_is_what_the_store_holds(told):
    folder, server = told
    path, headers, _ = server.received[0]
    assert path == "/api/v1/lineage"
    assert headers["Authorization"] == f"Bearer {KEY}"
    by_run = sorted(files(folder), key=lambda event: event["eventTime"])
    assert sorted(map(json.dumps, by_run)) == sorted(map(json.dumps, server.events()))
    assert KEY not in json.dumps(server.events())


def test_each_start_has_one_end_after_it(told):
    seen = {}
    for event in told[1].events():
        seen.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert all(kinds == ["START", "COMPLETE"] for kinds in seen.values())
    times = [event["eventTime"] for event in told[1].events()]
    assert all(before <= after for before, after in pairwise(times))


def test_parents_have_begun_and_not_ended(told):
    open_runs, parents = set(), 0
    for event in told[1].events():
        run_id, parent = event["run"]["runId"], event["run"]["facets"].get("parent")
        if parent:
            parents += 1
            assert parent["run"]["runId"] in open_runs
            assert parent["root"] == {"run": parent["run"], "job": parent["job"]}
        (open_runs.add if event["eventType"] == "START" else open_runs.remove)(run_id)
    assert parents > 40
    assert not open_runs


def test_what_a_stage_reads_an_earlier_one_made(told):
    made = set()
    for event in told[1].events():
        if event["run"]["facets"].get("parent"):
            assert versions(event["inputs"]) <= made
            made |= versions(event["outputs"])
    assert {name for name, _ in made} >= {"pages/tiny", "corpus/tiny", "model/tiny", "scores/tiny"}


def test_an_event_says_what_was_made_of_what_and_what_left(told):
    folder, server = told
    ends = [event for event in server.events() if event["eventType"] == "COMPLETE"]
    verdicts = next(event for event in ends if event["job"]["name"] == "tiny.corpus.verdicts")
    drops = verdicts["run"]["facets"]["penstock_drops"]
    assert drops["rules"] == {"word_count": 2}
    assert drops["entered"] == 30 == drops["kept"] + drops["dropped"]
    output = verdicts["outputs"][0]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 30
    size = output["outputFacets"]["outputStatistics"]["size"]
    shards = (folder / "store" / "shards" / "verdicts").rglob("*.parquet")
    assert 0 < size <= sum(path.stat().st_size for path in shards)
    assert output["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
    reads = output["facets"]["columnLineage"]["fields"]["verdicts.keep"]["inputFields"]
    assert {(each["name"], each["field"]) for each in reads} > {
        ("signals.words/tiny", "signals.words")
    }
    window = verdicts["run"]["facets"]["nominalTime"]["nominalStartTime"]
    assert window == FIRST


def test_a_refresh_reads_its_forerunner_and_replaces_it(told):
    ends = [event for event in told[1].events() if event["eventType"] == "COMPLETE"]
    _, second = (event for event in ends if event["job"]["name"] == "tiny.corpus.pages")
    assert [each["name"] for each in second["inputs"]] == ["pages/tiny"]
    change = second["outputs"][0]["facets"]["lifecycleStateChange"]
    assert change["lifecycleStateChange"] == "OVERWRITE"
    assert versions(second["inputs"]).isdisjoint(versions(second["outputs"]))


def ends_of(events, job):
    named = (event for event in events if event["job"]["name"] == job)
    return [event for event in named if event["eventType"] != "START"]


def states(event):
    stages = event["run"]["facets"]["penstock_stages"]["stages"]
    return {name: told["state"] for name, told in stages.items()}


def test_the_end_of_a_run_tells_what_was_there_from_what_was_made(told):
    _, server = told
    first, second = ends_of(server.events(), "tiny.model")
    assert set(states(first).values()) == {"made"}
    assert states(second)["tokenizer"] == "reused"
    assert states(second)["tokens"] == "made"
    assert {name for name, _ in versions(first["inputs"])} == {"corpus/tiny", "signatures/tiny"}
    assert "tokenizer/tiny" in {name for name, _ in versions(second["inputs"])}
    digests = second["run"]["facets"]["penstock_stages"]["stages"]
    of_stages = [each for each in server.events() if each["run"]["facets"].get("parent")]
    for stage in ("tokenizer", "tokens"):
        made = ends_of(of_stages, f"tiny.model.{stage}")[-1]["outputs"]
        assert versions(made) == {(f"{stage}/tiny", digests[stage]["digest"])}
    tags = {tag["key"]: tag["value"] for tag in second["run"]["facets"]["tags"]["tags"]}
    assert tags["requested_by"] == "ann"
    assert tags["reason"] == "nightly"


def test_a_version_is_the_output_of_one_run_alone(told):
    seen = [one for event in told[1].events() for one in versions(event["outputs"])]
    assert seen
    assert len(seen) == len(set(seen))


def test_a_stage_has_one_name_whichever_flow_came_to_it(told):
    _, server = told
    jobs = {event["job"]["name"] for event in server.events()}
    expected = {"tiny.corpus", "tiny.model", "tiny.corpus.pages", "tiny.model.tokens"}
    assert expected <= jobs
    stages = [name.split(".", 2)[2] for name in jobs if name.count(".") > 1]
    assert len(stages) == len(set(stages))
    corpus, model = ends_of(server.events(), "tiny.corpus"), ends_of(server.events(), "tiny.model")
    began = [e["eventTime"] for e in server.events() if e["job"]["name"] == "tiny.model"][::2]
    assert len(corpus) == len(model) == 2
    assert all(one["eventTime"] <= two for one, two in zip(corpus, began, strict=True))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the tiny recipe; its flow `words` makes two toy stages."""
    recipe_file(tmp_path)
    write_pages(tmp_path / "pages.jsonl", pages())
    monkeypatch.setattr(lineage_post, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(lineage_post, "POST_SECONDS", 0.2)
    monkeypatch.setattr(lineage_events, "FLUSH_SECONDS", 2.0)
    monkeypatch.setitem(FLOWS, "words", words)
    return tmp_path


def words(_, make):
    """Two toy stages."""
    make(Judge(), words=make(Source()))


class Broken(Judge):
    """Ends with an error."""

    error: ClassVar = None
    before: ClassVar = staticmethod(lambda: None)

    def make(self, work):
        self.before()
        raise self.error


def ending(error):
    """A flow whose second stage ends with an error."""
    Broken.error = error
    return lambda _, make: make(Broken(), words=make(Source()))


def ends(folder, kind):
    return [event for event in files(folder) if event["eventType"] == kind]


def test_a_stage_that_fails_says_why(folder, monkeypatch):
    problem = "write to ann.smith@web.de or https://ann:pass@web.de/ with hunter2-hunter2"
    monkeypatch.setenv("OUR_PASSWORD", "hunter2-hunter2")
    error = StageFailed("judged", "001", problem=problem)
    monkeypatch.setitem(FLOWS, "broken", ending(error))
    with pytest.raises(StageFailed):
        run(folder, "broken")
    for event in files(folder):
        event_schema.check(event)
    stage, whole = ends(folder, "FAIL")
    for event in (stage, whole):
        message = event["run"]["facets"]["errorMessage"]["message"]
        assert message.startswith("judged could not make its shard 001: write to <EMAIL> or ")
        assert not any(word in message for word in ("ann.smith", "pass@", "hunter2"))
    assert [each["name"] for each in stage["inputs"]] == ["words/tiny"]
    assert not stage["outputs"]
    assert states(whole) == {"words": "made", "judged": "failed"}


def test_what_a_foreign_error_says_is_not_told(folder, monkeypatch):
    monkeypatch.setitem(FLOWS, "broken", ending(ValueError("text of a page")))
    with pytest.raises(ValueError, match="text of a page"):
        run(folder, "broken")
    told = [event["run"]["facets"]["errorMessage"]["message"] for event in ends(folder, "FAIL")]
    assert told == ["ValueError", "ValueError"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143)])
def test_who_stops_a_run_aborts_it(folder, monkeypatch, error):
    monkeypatch.setitem(FLOWS, "broken", ending(error))
    with pytest.raises(type(error)):
        run(folder, "broken")
    for event in files(folder):
        event_schema.check(event)
    jobs = [event["job"]["name"] for event in ends(folder, "ABORT")]
    assert jobs == ["tiny.broken.judged", "tiny.broken"]


def test_who_ends_the_process_at_once_aborts_what_runs(folder, monkeypatch):
    monkeypatch.setitem(FLOWS, "broken", ending(KeyboardInterrupt()))
    monkeypatch.setattr(Broken, "before", staticmethod(lineage_events.abandon))
    with pytest.raises(KeyboardInterrupt):
        run(folder, "broken")
    told = ["tiny.broken.judged", "tiny.broken"]
    assert [event["job"]["name"] for event in ends(folder, "ABORT")] == told
    lineage_events.abandon()  # nothing runs
    assert len(ends(folder, "ABORT")) == 2


def test_a_second_try_is_a_run_of_its_own(folder, monkeypatch):
    monkeypatch.setitem(FLOWS, "broken", ending(PipelineError("no")))
    for _ in range(2):
        with pytest.raises(PipelineError):
            run(folder, "broken")
    started = {e["run"]["runId"] for e in ends(folder, "START")}
    assert len(started) == 2 + 3  # the second try takes the words that are there


@pytest.mark.parametrize("status", [400, 500, 302])
def test_a_receiver_that_refuses_does_not_fail_a_run(folder, monkeypatch, capsys, status):
    with receiver() as elsewhere, receiver(status=status, location=elsewhere.url) as server:
        monkeypatch.setenv("OPENLINEAGE_URL", server.url)
        monkeypatch.setenv("OPENLINEAGE_API_KEY", KEY)
        assert set(run(folder, "words").stages) == {"words", "judged"}
    said = capsys.readouterr().err
    assert said.count("OpenLineage events are not all at") == 1
    assert f"answered {status}" in said
    assert KEY not in said
    assert not elsewhere.received  # the key goes to nobody else
    assert len(server.received) == (3 if status == 500 else 6)
    assert len(files(folder)) == 6


def test_a_receiver_that_hangs_does_not_hold_a_run(folder, monkeypatch, capsys):
    with receiver(silent=threading.Event()) as server:
        monkeypatch.setenv("OPENLINEAGE_URL", server.url)
        began = time.monotonic()
        run(folder, "words")
        assert time.monotonic() - began < 20
    assert capsys.readouterr().err.count("not all at") == 1
    assert len(files(folder)) == 6


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "file:///etc/passwd", "nonsense", "http://"])
def test_a_wrong_address_does_not_fail_a_run(folder, monkeypatch, capsys, url):
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    run(folder, "words")
    assert capsys.readouterr().err.count("not all at") == 1
    assert len(files(folder)) == 6


def test_a_store_that_takes_no_events_does_not_fail_a_run(folder, capsys):
    (folder / "store").mkdir()
    (folder / "store" / "lineage").write_text("in the way")
    run(folder, "words")
    assert capsys.readouterr().err.count("Not all lineage events could be written") == 1


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ("https://ann:token@forge.example/group/name.git", "https://forge.example/group/name.git"),
        ("git@forge.example:group/name.git", "ssh://forge.example/group/name.git"),
        ("https://forge.example/name?private=1", "https://forge.example/name"),
        ("/srv/git/name", ""),
        ("", ""),
    ],
)
def test_where_the_code_is_kept_is_told_without_credentials(remote, told):
    assert address(remote) == told


def test_what_is_no_checkout_has_no_place(tmp_path):
    assert source_code(tmp_path) is None


def test_an_error_is_told_shortly_and_without_what_a_terminal_obeys():
    told = safe_words(PipelineError("a\x1b[31m" + "b" * 5000))
    assert "\x1b" not in told
    assert len(told) <= 2001
