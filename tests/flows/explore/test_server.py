"""The explorer's server: whom it answers, and what its answers say."""

import http.client
import json
import re
from urllib.parse import urlencode

import pytest

from flows.cli import main
from flows.explore.catalogue import KEPT, Catalogues
from pipeline.store import Store
from tests.flows.explore.hostile import JAVASCRIPT
from tests.tiny_corpus import SITE


@pytest.fixture
def get(explored):
    """Asks the server; returns status, headers and what was said."""

    def asked(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", explored.server_port, timeout=30)
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply.status, dict(reply.getheaders()), content

    return asked


@pytest.fixture
def ask(get):
    """A question that has an answer."""

    def asked(question, status=200, **words):
        found, _, content = get(f"/api/{question}?{urlencode(words)}")
        assert found == status, content
        return json.loads(content)

    return asked


def test_it_listens_on_loopback_alone(explored):
    assert explored.server_address[0] == "127.0.0.1"


def test_a_name_that_was_pointed_here_gets_no_answer(get):
    for host in ("evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"):
        status, _, content = get("/api/overview", Host=host)
        assert status == 421
        assert b"versions" not in content


def test_another_sites_page_gets_no_answer(get):
    strange = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert get("/api/overview", **strange)[0] == 403
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert get("/", **followed)[0] == 200  # a link in a letter


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_only_reads(get, method):
    assert get("/api/overview", method)[0] == 501


@pytest.mark.parametrize("path", ["/../store.json", "/explore.html/../results.css", "/results.css"])
def test_there_are_no_other_files(get, path):
    assert get(path)[0] == 404


def test_the_page_runs_nothing_but_its_own_files(get):
    _, headers, content = get("/")
    policy = headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{22})'", policy)[1]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert content.count(nonce.encode()) == 2
    assert not re.search(rb"\son\w+=|<style|style=|https?://", content)
    assert get("/")[1]["Content-Security-Policy"] != policy
    for path in ("/", "/explore.js", "/api/overview"):
        headers = get(path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_scripts_never_make_markup_of_text(get):
    content = get("/explore.js")[2]
    for name in re.findall(rb"\./(explore\.\w+\.js)", content):
        content += get(f"/{name.decode()}")[2]
    assert not re.search(rb"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", content)


@pytest.mark.parametrize(
    ("question", "words", "told"),
    [
        ("version", {"of": "../../store@abcdef"}, "should be a run such as"),
        ("version", {"of": "corpus@abcdef012345"}, "corpus@abcdef012345"),
        ("graph", {"of": "run:tiny/99"}, "should be a run such as"),
        ("rows", {"start": "-1"}, "should be a number"),
        ("documents", {"of": "run:tiny/1", "words": "a"}, "at least two characters"),
        ("story", {"of": "run:tiny/1", "doc": "xyz"}, "32 hex digits"),
        (
            "histogram",
            {"of": "run:tiny/1", "signal": "words.none"},
            "There is no signal words.none",
        ),
    ],
)
def test_what_cannot_be_meant_gets_a_sentence(get, question, words, told):
    status, _, content = get(f"/api/{question}?{urlencode(words)}")
    assert status in (400, 404)
    assert told in json.loads(content)["error"]


def test_runs_and_versions_are_listed_and_filtered(ask):
    assert ask("overview")["newest"] == "run:tiny/2"
    assert [row["of"] for row in ask("rows")["rows"]] == ["run:tiny/2", "run:tiny/1"]
    assert ask("rows", kind="corpus", recipe="tiny")["total"] == 2
    assert ask("rows", kind="corpus", recipe="other")["total"] == 0
    assert ask("rows", kind="versions", words="corpus @latest")["total"] == 1


def test_a_version_tells_its_manifest_and_its_shards(ask):
    told = ask("version", of="verdicts/tiny@latest")
    assert told["drops"] == {"word_count": 2}
    assert told["config"]["rules"][1] == {"kind": "word_count", "fewest": 30}
    assert told["account"]["dropped"] == 2
    assert any("WordCount.judge" in name for name in told["code"])
    assert "pyarrow" in told["packages"]
    shard = ask("shards", of="verdicts/tiny@latest")["rows"][0]
    assert shard["files"][0]["sha256"]


def test_two_versions_differ_in_what_was_asked_and_in_documents(ask):
    old, new = (row["of"] for row in reversed(ask("rows", kind="corpus")["rows"]))
    asked = ask("difference", before=old, of=new)
    assert "input documents.documents: column group text came out different" in [
        each["told"] for each in asked["asked"]
    ]
    changes = ask("changes", before=old, of=new)["changes"]
    assert {name: change["count"] for name, change in changes.items()} == {
        "added": 1,
        "changed": 2,
        "gone": 1,
    }
    assert changes["gone"]["rows"][0]["url"] == f"{SITE}05.html"


def test_a_story_tells_rule_value_and_threshold(ask):
    row = ask("documents", of="run:tiny/2", words=f"{SITE}21.html")["rows"][0]
    told = ask("story", of="run:tiny/2", doc=row["doc"])
    assert told["ending"] == "left at verdicts; dropped by word_count: value 9, threshold 30"
    assert not told["kept"]


def test_a_document_is_found_by_id_domain_and_a_part_of_its_address(ask):
    row = ask("documents", of="run:tiny/2", words=f"{SITE}01.html")["rows"][0]
    for words in (row["doc"], row["doc"][:10].upper(), "01.htm"):
        assert row in ask("documents", of="run:tiny/2", words=words)["rows"]
    assert len(ask("documents", of="run:tiny/2", words="pages.example")["rows"]) > 20


def test_only_addresses_of_the_web_are_links(ask):
    row = ask("documents", of="run:tiny/2", words=JAVASCRIPT)["rows"][0]
    assert row["url"] == JAVASCRIPT
    assert row["link"] is False


def test_thresholds_are_those_of_the_recipe_by_language(ask):
    found = ask("histogram", of="run:tiny/2", signal="words.words")
    bounds = {(each["rule"], each["side"], each["value"]) for each in found["thresholds"]}
    assert ("word_count", "below", 30.0) in bounds
    assert sum(bar["dropped"] for bar in found["bars"]) == 2
    counted = sum(bar["kept"] + bar["dropped"] for bar in found["bars"])
    assert counted == found["documents"] - found["missing"]


def test_a_cluster_names_who_was_kept_and_how_alike_the_others_are(ask):
    largest = ask("clusters", of="run:tiny/2")["rows"][0]
    told = ask("cluster", of="run:tiny/2", cluster=largest["cluster"])
    assert told["size"] == largest["size"] >= 2
    assert [row["kept"] for row in told["rows"]].count(True) == 1
    assert all(row["similarity"] >= 0.8 for row in told["rows"] if row["reason"] == "near")


def test_the_catalogue_is_kept_in_the_store_and_made_anew_where_it_is_damaged(explored, ask):
    store = Store.at(explored.looked.store.uri, create=False)
    before = Catalogues(store).newest()
    store.files.replace(KEPT, b"no JSON")
    assert Catalogues(store).newest().briefs == before.briefs
    assert store.files.read(KEPT) != b"no JSON"


def test_a_place_without_a_store_and_a_taken_port_are_said(explored, tmp_path, capsys):
    assert main(["explore", "--no-browser", "--store", str(tmp_path)]) == 1
    assert "There is no store at" in capsys.readouterr().err
    taken = ["--port", str(explored.server_port), "--store", explored.looked.store.uri]
    assert main(["explore", "--no-browser", *taken]) == 1
    assert "Name another --port" in capsys.readouterr().err
