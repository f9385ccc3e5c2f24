"""Schedules: what a recipe may say, and the windows that they are for."""

import json
from datetime import UTC, datetime

import pytest

from flows.door.schedule import Schedule, last_moment, windows_between
from flows.recipe import parse_recipe
from flows.session import Asked, Session
from pipeline.errors import BadRecipe
from pipeline.storage.references import References
from tests.support import Silent
from tests.tiny_corpus import FIRST, SECOND, next_window, page, pages, write_pages

BERLIN = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}


def recipe(folder, path="pages.jsonl", **sections):
    source = {
        "kind": "jsonl_files",
        "paths": [f"{folder}/{path}"],
        "columns": {"url": "url", "title": "title"},
    }
    content = {
        "name": "tiny",
        "pages": {"source": source},
        "verdicts": {"rules": ["empty_text"]},
        "runtime": {"store": f"{folder}/store", "runner": "process", "shard_documents": 12},
    }
    return parse_recipe(content | sections, "the recipe")


def refreshed(recipe, window, **asked):
    wanted = Asked(refresh=True, window=window, to="corpus", requested_by="ann", **asked)
    session = Session(recipe, wanted, recipe.runtime)
    runner = session.run_flow("corpus", Silent())
    session.write_down(runner)
    return runner, session.gate(runner)


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"cron": "30 2 * *"}, "schedule.cron: a cron schedule has five fields"),
        ({"cron": "61 2 * * *"}, "'61' is no minute: it is a number from 0 to 59"),
        ({"cron": "0 0 * * 8"}, "'8' is no day of week"),
        ({"cron": "0 5-2 * * *"}, "'5-2' is no hour"),
        ({"cron": "*/0 * * * *"}, "'*/0' is no minute"),
        ({"cron": "0 0 * * *", "timezone": "Europe/Berln"}, "perhaps Europe/Berlin"),
    ],
)
def test_a_schedule_that_cannot_be_meant_has_its_sentence(tmp_path, schedule, told):
    with pytest.raises(BadRecipe) as caught:
        recipe(tmp_path, schedule=schedule)
    assert told in str(caught.value)


@pytest.mark.parametrize("cron", ["*/15 0-6 1,15 jan-mar mon", "0 0 * * 7", "5/10 * * * *"])
def test_what_cron_allows_is_allowed(cron):
    assert Schedule(cron=cron).cron == cron


@pytest.mark.parametrize(
    ("first", "windows"),
    [  # in the first half past two is missing, in the second it comes twice
        ((2027, 3, 27), ["2027-03-27T01:30:00Z", "2027-03-28T00:30:00Z", "2027-03-29T00:30:00Z"]),
        ((2027, 10, 30), ["2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]),
    ],
)
def test_a_night_in_which_the_clocks_change_has_one_window(first, windows):
    start = datetime(*first, tzinfo=UTC)
    last = last_moment(start.replace(day=first[2])).timestamp() + 2 * 86400
    found = windows_between(Schedule(**BERLIN), start, datetime.fromtimestamp(last, UTC))
    assert found == windows


def test_a_window_that_comes_twice_is_made_once(tmp_path):
    write_pages(tmp_path / "pages.jsonl", pages())
    tiny = recipe(tmp_path)
    first, _ = refreshed(tiny, FIRST)
    write_pages(tmp_path / "pages.jsonl", next_window(pages()))  # too late for that window
    again, _ = refreshed(tiny, FIRST)
    assert again.ref("corpus") == first.ref("corpus")
    assert all(stage.units_made == 0 for stage in again.stages.values())


def test_a_late_run_of_an_earlier_window_takes_the_newer_that_covers_it(tmp_path):
    write_pages(tmp_path / "pages.jsonl", pages())
    tiny = recipe(tmp_path)
    newer, _ = refreshed(tiny, SECOND)
    late, _ = refreshed(tiny, FIRST)
    assert late.ref("pages") == newer.ref("pages")
    assert len(list(late.store.manifests("pages"))) == 1


def dated(folder, *numbers):
    for number in numbers:
        lines = [page(number * 10 + n) for n in range(3)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"2026-11-{number:02d}.jsonl").write_text(text, encoding="utf-8")


def test_a_backfill_takes_the_files_of_days_up_to_each_window(tmp_path):
    dated(tmp_path, 1, 2, 3)
    tiny = recipe(tmp_path, "{date}.jsonl")
    newest, _ = refreshed(tiny, "2026-11-03T00:00:00Z")
    rows = {}
    for day in ("01", "02"):
        filled, _ = refreshed(tiny, f"2026-11-{day}T00:00:00Z", backfill=True)
        rows[day] = filled.store.open(filled.ref("corpus")).rows["corpus"]
    assert rows == {"01": 3, "02": 6}
    assert newest.store.open(newest.ref("corpus")).rows["corpus"] == 9
    latest = References(newest.store).resolve("corpus/tiny@latest")
    assert latest == newest.ref("corpus")  # which a backfill does not take back


def test_a_source_that_shows_only_today_says_why_it_cannot_be_backfilled(tmp_path, capsys):
    from flows.cli import main

    folder = tmp_path / "one"
    folder.mkdir()
    write_pages(folder / "pages.jsonl", pages())
    path = tmp_path / "web.toml"
    path.write_text(f'[pages.source]\nkind = "jsonl_files"\npaths = ["{folder}/pages.jsonl"]\n')
    store = ("--store", str(tmp_path / "store"))
    assert main(["backfill", str(path), "2026-11-01", "2026-11-02", *store]) == 1
    assert "does not tell from which day on" in capsys.readouterr().err
    path.write_text(
        '[pages.source]\nkind = "web"\nseeds = ["http://127.0.0.1:1/"]\nloopback = true\n'
    )
    assert main(["backfill", str(path), "2026-11-01", "2026-11-02", *store]) == 1
    assert "cannot know what was there before" in capsys.readouterr().err


def test_the_command_fills_each_window_once(tmp_path, capsys):
    from flows.cli import main

    dated(tmp_path, 1, 2)
    path = tmp_path / "news.toml"
    path.write_text(
        f'[pages.source]\nkind = "jsonl_files"\npaths = ["{tmp_path}/{{date}}.jsonl"]\n'
        f'[verdicts]\nrules = ["empty_text"]\n[runtime]\nstore = "{tmp_path}/store"\n'
        f'runner = "process"\n'
    )
    words = ["backfill", str(path), "2026-11-01", "2026-11-02", "--no-prefect"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert "2/2: 2026-11-02T00:00:00Z" in first
    assert main(words) == 0
    assert capsys.readouterr().out.count("was there") == 2
