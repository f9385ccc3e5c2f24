"""Taking pages down: out of what is there, out of what comes, and what is left is told."""

import io
import json
import os
import shutil

import pytest
from warcio.archiveiterator import ArchiveIterator

from flows.cli import main
from flows.lineage.taking_down import holding
from flows.recipe import read_recipe
from flows.stage_of import stage_of
from infra.demo_site.serve import DemoSite
from pipeline.crawl.without import Cutter
from pipeline.lineage.index.index import Index
from pipeline.lineage.places import receipts_of
from pipeline.sites import Subject
from pipeline.storage.references import References
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from pipeline.warc_record import read_response
from tests import tiny_corpus
from tests.flows.small import digests, edited, run, small_recipe, small_site
from tests.tiny_corpus import RECIPE, SITE, copied

LATER, LATEST = "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"
ONE_TO_ONE = ("documents", "signals.words", "signals.private_data", "verdicts", "signatures")


def command(store, *words, code=0):
    assert main([*map(str, words), "--store", str(store)]) == code


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two windows of a site, two of its pages taken down, a run, a refresh; and one from scratch.

    From scratch the two pages never were there.
    """
    folder = tmp_path_factory.mktemp("site") / "pages"
    store = tmp_path_factory.mktemp("store") / "one"
    small_site(folder)
    with DemoSite(folder) as served:
        recipe = small_recipe(served.url)
        run(recipe, store)
        edited(folder)
        before = run(recipe, store, refresh=True, window=LATER)
        urls = before.store.read(before.store.open(before.ref("corpus")), "corpus", ["url"])
        english = sorted(url for url in urls["url"].to_pylist() if "/en/howto/" in url)
        gone = (english[0], next(url for url in english if url.endswith("first.html")))
        for url in gone:
            command(store, "takedown", url, "--apply", "--by", "ann", "--why", "the owner asked")
        after = run(recipe, store)
        asked = len(served.requests)
        refreshed = run(recipe, store, refresh=True, window=LATEST)
        requests = {path for _, path, _ in served.requests[asked:]}
        for url in gone:
            (folder / url.removeprefix(served.url)).unlink()
        scratch = run(recipe, store.with_name("two"))
    return gone, before, after, refreshed, scratch, requests


def pages_of(runner):
    return runner.store.open(runner.ref("pages"))


def test_the_corpus_is_that_of_a_run_in_which_the_pages_never_were(site):
    gone, before, after, refreshed, scratch, _ = site
    assert digests(before, ["corpus"]) != digests(scratch, ["corpus"])
    assert digests(after, ["corpus"]) == digests(scratch, ["corpus"])
    assert digests(refreshed, ["corpus"]) == digests(scratch, ["corpus"])
    for table in ("pages", "tombstones"):
        urls = after.store.read(pages_of(after), table, ["url"])["url"].to_pylist()
        assert not set(gone) & set(urls)


def test_only_touched_shards_are_made_again(site):
    _, before, after, _, _, _ = site
    touched = set(pages_of(after).shards) - set(pages_of(before).shards)
    assert 0 < len(touched) < len(pages_of(after).shards)
    for stage in ONE_TO_ONE:
        assert after.stages[stage].units_made == len(touched)
    assert after.stages["pages"].units_made == 0


def test_both_windows_are_written_anew_and_follow_each_other(site):
    _, before, after, _, _, _ = site
    old, new = pages_of(before), pages_of(after)
    assert new.parts["extra"]["window"] == old.parts["extra"]["window"] == LATER
    assert new.inputs["earlier"] != old.inputs["earlier"]
    assert not {old.ref, old.inputs["earlier"]} & {new.ref, new.inputs["earlier"]}


def test_the_records_that_stay_are_whole_and_the_others_are_in_no_file(site):
    gone, _, after, _, _, _ = site
    store, columns = after.store, ["url", "warc_file", "warc_offset", "warc_length"]
    for shard in pages_of(after).shards:
        receipt = store.receipt(shard)
        rows = [r for b in store.batches(receipt, "pages", columns) for r in b.to_pylist()]
        for row in rows:
            with store.open_file(receipt, row["warc_file"]) as file:
                place = (row["warc_offset"], row["warc_length"])
                response = read_response(file, *place, most_bytes=1 << 20)
            assert response.body
        for file in receipt.files:
            content = store.files.read(file.path)
            targets = [
                record.rec_headers.get_header("WARC-Target-URI")
                for record in ArchiveIterator(io.BytesIO(content))
                if record.rec_type == "response"
            ]
            assert targets == [row["url"] for row in rows if row["warc_file"] == file.name]
            assert not set(gone) & set(targets)


def test_no_later_crawl_asks_for_them(site):
    gone, _, _, refreshed, _, requests = site
    paths = {"/" + url.split("/", 3)[3] for url in gone}
    assert len(requests) > 20
    assert not paths & requests
    assert all(stage.reused for name, stage in refreshed.stages.items() if name != "pages")


def test_the_store_is_whole_and_impact_tells_what_is_left(site, capsys):
    gone, before, after, _, _, _ = site
    store = before.store.uri
    command(store, "verify")
    capsys.readouterr()
    command(store, "impact", gone[0], "--json")
    held = {one["version"] for one in json.loads(capsys.readouterr().out)["versions"]}
    assert f"corpus@{before.ref('corpus').key}" in held
    assert f"corpus@{after.ref('corpus').key}" not in held
    command(store, "why-not", gone[0])
    assert "It was taken down by ann on 2" in capsys.readouterr().out


def test_trace_goes_back_to_the_fetch_and_the_record_in_its_warc_file(site, capsys):
    _, _, after, _, _, _ = site
    store, pages = after.store, pages_of(after)
    receipt = store.receipt(pages.shards[0])
    columns = ["url", "warc_file", "warc_offset", "warc_length", "warc_record_id"]
    row = next(store.batches(receipt, "pages", columns)).to_pylist()[3]
    command(store.uri, "trace", str(pages.ref), row["url"], "--json")
    told = json.loads(capsys.readouterr().out)
    facts = next(each["facts"] for each in told["chapters"] if each["stage"] == "pages")
    assert {name: facts[name] for name in columns if name != "url"} == {
        name: row[name] for name in columns if name != "url"
    }
    assert facts["status"] == 200
    assert facts["fetched"].startswith("20")
    command(store.uri, "trace", str(pages.ref), row["url"])
    assert "robots.txt allowed it then" in capsys.readouterr().out


def test_once_garbage_is_collected_nothing_is_left_of_them(site, capsys, tmp_path):
    gone, before, after, _, _, _ = site
    folder = tmp_path / "store"
    shutil.copytree(before.store.files.root, folder)
    again = Store.at(folder)
    for stage in ("pages", "corpus"):  # a moving name keeps what it named before, too
        References(again).move("small", "latest", after.ref(stage), who="ann", why="x")
    for log in ("refs/tags", "runs"):
        shutil.rmtree(folder / log)
    command(
        folder, "gc", "--labels", "1", "--runs", "0", "--hours", "0", "--who", "a", "--why", "b"
    )
    capsys.readouterr()
    command(folder, "impact", gone[1], code=1)
    assert "No page, link or file in the store" in capsys.readouterr().err


@pytest.fixture
def tiny(tmp_path):
    """A store of one's own of two windows of a file, and the recipe that made it."""
    source, _, _ = tiny_corpus.two_windows()
    copied(tmp_path)
    text = RECIPE.replace('"FOLDER/store"', f'"{tmp_path}/store"').replace("FOLDER", str(source))
    (tmp_path / "tiny.toml").write_text(text)
    return tmp_path / "store", read_recipe(tmp_path / "tiny.toml")


def test_a_plan_writes_nothing_but_the_index(tiny, capsys):
    store, _ = tiny
    command(store, "lineage", "--rebuild-index")
    files = {p: p.stat().st_mtime_ns for p in store.rglob("*") if "index" not in p.parts}
    capsys.readouterr()
    command(store, "takedown", f"{SITE}01.html", "--plan")
    shown = capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in store.rglob("*") if "index" not in p.parts} == files
    assert "would give way to one without 1 of its records" in shown
    assert "Nothing was written." in shown
    rows = {line.split()[1]: line.split()[2:] for line in shown.splitlines() if line[:5] == "tiny "}
    assert rows["documents"] == ["1", "4"]
    assert rows["clusters"] == ["4", "4"]
    assert "tokenizer" not in rows


@pytest.mark.parametrize("asked", [f"{SITE}01.html", f"{SITE}05.html", "pages.example", "no.org"])
def test_a_plan_by_the_index_is_one_by_reading_the_pages(asked):
    source, _, _ = tiny_corpus.two_windows()
    there = Store.at(source / "store")
    subject = Subject.address(asked) if "://" in asked else Subject.domain(asked)
    cutter = Cutter(there, subject.mask)
    expected = {}
    for pages in there.manifests("pages"):
        names = [
            name
            for name, receipt in receipts_of(there, pages)
            for batch in there.batches(receipt, "pages", ["url"])
            if any(map(subject.covers, batch["url"].to_pylist()))
        ]
        expected |= {pages.ref: (cutter.holds(pages), set(names))} if cutter.holds(pages) else {}
    found = holding(Index.of(there), subject)
    assert {each.pages.ref: (each.records, set(each.shards)) for each in found} == expected


def test_a_file_that_still_holds_it_is_read_without_it(tiny, capsys):
    store, recipe = tiny
    command(store, "takedown", f"{SITE}07.html", "--apply", "--by", "ann", "--why", "asked")
    made = tiny_corpus.run(recipe, refresh=True, window=LATEST)
    pages = made.store.open(made.ref("pages"))
    assert f"{SITE}07.html" not in made.store.read(pages, "pages", ["url"])["url"].to_pylist()
    assert made.stages["documents"].units_made <= 1
    fresh = tiny_corpus.run(read_recipe(recipe_elsewhere(store)), refresh=True, window=LATEST)
    assert fresh.store.open(fresh.ref("pages")).drops == {"taken_down": 1}


def recipe_elsewhere(store):
    """The same recipe with another limit, so that it begins anew in the same store."""
    text = (store.parent / "tiny.toml").read_text().replace("[pages.source]", "[pages.source]", 1)
    path = store.parent / "other.toml"
    path.write_text(text.replace('name = "tiny"', 'name = "other"\n[pages]\nlimit = 500'))
    return path


def test_a_pinned_validation_set_lets_go_of_it(tiny):
    store, recipe = tiny
    there = Store.at(store)
    pinned = References(there).pinned("tiny", "validation")
    held = there.read(there.open(pinned), "validation", ["url"])["url"].to_pylist()
    command(store, "takedown", held[0], "--apply", "--by", "ann", "--why", "asked")
    made = tiny_corpus.run(recipe)
    now = made.store.read(made.store.open(made.ref("validation")), "validation", ["url"])
    assert made.ref("validation") != pinned
    assert held[0] not in now["url"].to_pylist()
    assert References(made.store).pinned("tiny", "validation") == made.ref("validation")


def test_taking_down_twice_is_taking_down_once(tiny, capsys):
    store, _ = tiny
    for _ in range(2):
        command(store, "takedown", f"{SITE}07.html", "--apply", "--by", "ann", "--why", "asked")
    assert capsys.readouterr().out.count("takes the place of") == 2
    assert len(list((store / "takedowns/log").iterdir())) == 1


def test_what_was_taken_down_stays_out_of_a_copy_that_lost_its_times(tiny, capsys):
    store, recipe = tiny
    for number in (7, 8):
        command(store, "takedown", f"{SITE}{number:02d}.html", "--apply", "--by", "a", "--why", "b")
    for path in (store / "versions").rglob("*.json"):
        os.utime(path, (1e9, 1e9))
    made = tiny_corpus.run(recipe)
    urls = made.store.read(pages_of(made), "pages", ["url"])["url"].to_pylist()
    assert not {f"{SITE}07.html", f"{SITE}08.html"} & set(urls)
    assert len(urls) == 31


def test_a_whole_site_leaves_empty_shards(tiny):
    store, _ = tiny
    there = Store.at(store)
    pages = next(one for one in there.manifests("pages") if "earlier" in one.inputs)
    cutter = Cutter(there, Subject.domain("pages.example").mask)
    left = cutter.rewritten(stage_of(KeyParts.from_json(pages.parts)), pages)
    assert left.rows == {"pages": 0, "tombstones": 0}
    assert [shard.name for shard in left.shards] == [shard.name for shard in pages.shards]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((f"{SITE}01.html", "--apply"), "add --by and --why"),
        (("nowhere.example", "--plan"), "No page, link or file in the store"),
        (("example", "--plan"), "is a whole top-level domain"),
        (("example", "--apply", "--by", "a", "--why", "b"), "is a whole top-level domain"),
    ],
)
def test_what_cannot_be_meant_is_refused(tiny, capsys, words, told):
    store, _ = tiny
    command(store, "takedown", *words, code=1)
    assert told in capsys.readouterr().err
    assert not (store / "takedowns").exists()
