"""A report's numbers are those of the tables, counted one by one; the page shows only itself."""

import json
from collections import Counter

import pytest

from flows.cli import main
from flows.report.figures import (
    Cluster,
    Domain,
    Duplicates,
    Example,
    Language,
    Member,
    Private,
    Reason,
    Report,
    Station,
)
from flows.report.gather import gather
from flows.report.page import page
from flows.subject import lineage_of
from pipeline.lineage.pick import pick_left
from pipeline.store import Store
from tests.benchmarks.made_corpus import EMAIL, make
from tests.flows.explore.hostile import SCRIPT, TURNED
from tests.flows.seen import CONTRAST, tags, words
from tests.tiny_corpus import HOSTILE, two_windows


@pytest.fixture(scope="module")
def real():
    """The report of the first window of a real run, its store and its versions."""
    folder, first, _ = two_windows()
    store = Store.at(folder / "store")
    line = lineage_of(store, store.open(first.ref("tokens")))
    return store, line, gather(store, line, "tiny", examples=40)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The same of a made corpus with every kind of number."""
    folder = tmp_path_factory.mktemp("made")
    made, tokens = make(folder, 600, characters=600)
    line = lineage_of(made.store, made.store.open(tokens))
    return made.store, line, gather(made.store, line, "made")


def rows(store, line, stage, table, *columns):
    return store.read(line.versions[stage], table, list(columns)).to_pylist()


def together(store, line):
    """Each document with what all stages say of it, as one plain dict."""
    tables = (
        rows(store, line, "documents", "documents", "doc_id", "url", "text"),
        rows(store, line, "signals.language", "signals", "language"),
        rows(store, line, "signals.private_data", "signals", "email", "phone"),
        rows(store, line, "verdicts", "verdicts", "rule", "rules"),
        rows(store, line, "clusters", "clusters", "keep", "size", "cluster"),
    )
    return [
        {key: value for part in parts for key, value in part.items()}
        for parts in zip(*tables, strict=True)
    ]


@pytest.mark.parametrize("which", ["real", "large"])
def test_documents_and_bytes_of_every_stage_are_those_of_the_tables(which, request):
    store, line, report = request.getfixturevalue(which)
    every = together(store, line)
    kept = [each for each in every if each["rule"] is None]
    corpus = [each for each in every if each["keep"]]
    for station, those in zip(report.stations[1:4], (every, kept, corpus), strict=True):
        assert station.documents == len(those)
        assert station.text_bytes == sum(len(each["text"].encode()) for each in those)
    assert report.stations[0].documents == len(every)
    for language in report.languages:
        here = [each for each in corpus if (each["language"] or "") == language.language]
        assert language.corpus == len(here)
        assert language.text_bytes == sum(len(each["text"].encode()) for each in here)
    by_url = Counter(each["url"].split("/")[2].removeprefix("www.") for each in every)
    assert {each.domain: each.extracted for each in report.domains}.items() <= by_url.items()
    assert len(report.domains) + report.more_domains == len(by_url)


@pytest.mark.parametrize("which", ["real", "large"])
def test_a_rule_tells_what_it_took_and_what_it_alone_would(which, request):
    store, line, report = request.getfixturevalue(which)
    every = together(store, line)
    reasons = [each for each in report.reasons if each.stage == "verdicts"]
    assert {each.rule for each in reasons} >= {each["rule"] for each in every if each["rule"]}
    for reason in reasons:
        assert reason.documents == sum(each["rule"] == reason.rule for each in every)
        assert reason.every == sum(reason.rule in each["rules"] for each in every)
        assert reason.alone == sum(each["rules"] == [reason.rule] for each in every)
        assert len(reason.examples) == min(reason.documents, 40 if which == "real" else 3)


def test_examples_are_those_of_sample(large):
    store, line, report = large
    for reason in (each for each in report.reasons if each.documents):
        picked = pick_left(store, line, reason.stage, 3, rule=reason.rule)
        assert [each.url for each in reason.examples] == [each.place.url for each in picked]


@pytest.mark.parametrize("which", ["real", "large"])
def test_clusters_private_data_and_tokens_are_counted(which, request):
    store, line, report = request.getfixturevalue(which)
    every = together(store, line)
    sizes = Counter(each["size"] for each in every if each["keep"] and each["size"] > 1)
    assert dict(report.duplicates.sizes) == sizes
    assert [each.size for each in report.duplicates.largest] == sorted(sizes.elements())[::-1][:10]
    for cluster in report.duplicates.largest:
        head = next(each for each in every if each["url"] == cluster.url)
        members = {each["url"] for each in every if each["cluster"] == head["cluster"]}
        assert {each.url for each in cluster.members} <= members - {cluster.url}
    emails = [each["email"] for each in every if each["keep"] and each["email"]]
    told = next(each for each in report.private if each.kind == "email")
    assert (told.spans, told.documents) == (sum(emails), len(emails))
    lengths = [row["tokens"] for row in rows(store, line, "tokens", "documents", "tokens")]
    assert (report.tokens.documents, report.tokens.tokens) == (len(lengths), sum(lengths))
    assert sum(bar.kept for bar in report.tokens.lengths.bars) == len(lengths)


def test_every_histogram_holds_every_document_and_its_thresholds(large):
    store, line, report = large
    keep = [row["keep"] for row in rows(store, line, "verdicts", "verdicts", "keep")]
    for found in (each for each in report.signals if each.kind == "number"):
        family, name = found.signal.split(".")
        values = [row[name] for row in rows(store, line, f"signals.{family}", "signals", name)]
        here = [
            (value, kept) for value, kept in zip(values, keep, strict=True) if value is not None
        ]
        assert found.missing == len(values) - len(here)
        last = len(found.bars) - 1
        for number, bar in enumerate(found.bars):
            inside = [
                kept
                for value, kept in here
                if (value >= bar.low or number == 0) and (value < bar.high or number == last)
            ]
            assert (bar.kept, bar.dropped) == (inside.count(True), inside.count(False))
    bounds = {
        (found.signal, bound.rule, bound.side, bound.value)
        for found in report.signals
        for bound in found.bounds
    }
    assert ("repetition.duplicate_5_grams", "duplicate_ngrams", "above", 0.15) in bounds
    assert ("words.mean_word_length", "mean_word_length", "below", 3.0) in bounds
    assert not [bound for bound in bounds if bound[1:3] == ("languages", "above")]


def test_replaced_records_are_not_counted():
    folder, _, second = two_windows()
    store = Store.at(folder / "store")
    line = lineage_of(store, store.open(second.ref("tokens")))
    report = gather(store, line, "tiny")
    assert line.versions["documents"].rows["documents"] > 30
    assert [each.documents for each in report.stations[:4]] == [30, 30, 28, 26]
    assert {each.rule for each in report.reasons if each.stage == "clusters"} == {"exact", "near"}


def test_nothing_private_is_on_the_page(real, large):
    for _, _, report in (real, large):
        html = page(report)
        assert "web.de" not in html
        assert EMAIL not in html
    assert "&lt;EMAIL&gt;" in page(large[2])


def test_the_command_writes_a_page_or_its_numbers(tmp_path, capsys, real):
    store, line, report = real
    name = f"{line.versions['tokens'].ref}"
    for file in ("report.html", "report.json"):
        assert main(["report", name, str(tmp_path / file), "--store", store.uri]) == 0
    assert f"is the report of {report.subject}" in capsys.readouterr().out
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["stations"][3]["documents"] == 26
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "30 pages became 26 documents" in words(html)
    assert main(["report", name, str(tmp_path / "no" / "x.html"), "--store", store.uri]) == 1
    assert "Name a file in a folder that can be written" in capsys.readouterr().err


def test_a_version_before_the_corpus_has_no_report(tmp_path, capsys, real):
    store = Store.at(tmp_path / "store")
    assert main(["report", "corpus/none@latest", "x.html", "--store", store.uri]) == 1
    assert "corpus/none@latest" in capsys.readouterr().err


def hostile():
    """A report in which every word is somebody else's."""
    text = f"{SCRIPT} {TURNED} {HOSTILE} javascript:window.hit=3"
    example = Example(url=text, title=text, text=text, told=text)
    stations = [Station(name=text, documents=n, text_bytes=n) for n in (9, 7, 5, 3)]
    member = Member(url=text, similarity=0.9)
    cluster = Cluster(size=3, url=text, title=text, text=text, members=(member,))
    reason = Reason(stage="verdicts", rule=text, about=text, settings=text, documents=3)
    return Report(
        name=text,
        subject=text,
        windows=(text,),
        stations=tuple(stations),
        reasons=(reason.model_copy(update={"examples": (example,)}),),
        languages=(Language(language=text, extracted=3, corpus=2),),
        domains=(Domain(domain=text, extracted=3, corpus=2),),
        duplicates=Duplicates(clusters=1, documents=3, sizes=((3, 1),), largest=(cluster,)),
        private=(Private(kind=text, spans=1, documents=1),),
    )


def test_every_text_of_the_page_is_escaped():
    html = page(hostile())
    found, attributes = tags(html)
    assert not found & {"script", "img", "iframe", "object", "link", "base", "form"}
    assert not [name for name in attributes if name.startswith("on") or name == "src"]
    assert "default-src 'none'" in html
    assert not set(html) & set("\u202e\u2066\u200b\x1b")
    assert "<script>window.hit = 1</script>" in words(html)  # as text


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 420)])
def test_the_page_can_be_read_without_a_network(browser, tmp_path, large, scheme, width):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    tab = context.new_page()
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    for name, report in (("made", large[2]), ("hostile", hostile())):
        file = tmp_path / f"{name}.html"
        file.write_text(page(report), encoding="utf-8")
        tab.goto(file.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert tab.evaluate(CONTRAST) >= 4.5, name
        assert tab.evaluate("window.hit") is None
    assert all(url.startswith("file://") for url in asked)
    assert said == []
    tab.goto((tmp_path / "made.html").as_uri())
    drawn = tab.locator("figure:has-text('repetition.duplicate_5_grams') .threshold line")
    assert drawn.bounding_box()["height"] > 40
    tab.click("nav >> text=Domains")
    assert tab.locator("#domains tbody tr").first.inner_text().startswith("site-1.example")
    context.close()
