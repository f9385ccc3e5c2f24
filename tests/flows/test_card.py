"""Cards say what the store holds, say what it does not know, and quote nobody into markup."""

import json
import re
import struct

import pyarrow.compute as pc
import pytest
import yaml

from flows.cards.counts import parameters
from flows.cards.facts import facts_of
from flows.cards.policy import public
from flows.cli import main
from flows.subject import lineage_of
from pipeline.lineage.card_data import data_card, size_class
from pipeline.lineage.card_model import model_card
from pipeline.lineage.croissant import croissant
from pipeline.lineage.living import Living
from pipeline.lineage.training_summary import tokens_range, top_domains, training_summary
from pipeline.run.made import Made
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.card import CardFacts, DomainCount, LanguageCount, SourceFacts
from tests.flows.toy_job import ToyJob
from tests.support import runner
from tests.tiny_corpus import copied, two_windows

EVIL = "evil|`<b>`](x).example"


@pytest.fixture(scope="module")
def store():
    folder, _, _ = two_windows()
    return Store.at(folder / "store")


@pytest.fixture(scope="module")
def facts(store):
    """The second window's corpus."""
    head = store.open(References(store).resolve("corpus/tiny@latest"))
    return facts_of(store, lineage_of(store, head), head)


@pytest.fixture
def penstock(capsys):
    def command(*words, code=0):
        capsys.readouterr()
        folder, _, _ = two_windows()
        store = [] if "--store" in words else ["--store", str(folder / "store")]
        assert main([*map(str, words), *store]) == code
        shown = capsys.readouterr()
        return shown.err if code else shown.out

    return command


def matter(card):
    """The YAML of a card."""
    return yaml.safe_load(card.split("---\n")[1])


def rows(card, heading):
    """The cells of the table below a heading."""
    section = card.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_what_a_card_counts_is_what_the_store_holds(store, facts):
    corpus = store.open(References(store).resolve("corpus/tiny@latest"))
    versions = lineage_of(store, corpus)
    living = Living(store, versions.versions)
    table = store.read(corpus, "corpus", ["url", "text", "split", "language"])
    training = table.filter(pc.equal(table["split"], "train"))
    assert facts.documents == table.num_rows
    assert facts.train == training.num_rows
    assert facts.train + facts.held_out == facts.documents
    assert sum(each.documents for each in facts.languages) == table.num_rows
    assert facts.pages == living.pages() == 30
    assert (facts.replaced, facts.gone) == (2, 1)
    assert {each.rule: each.dropped for each in facts.rules}["word_count"] == 2
    assert facts.duplicates == {"exact": 1, "near": 1}
    assert facts.private_data == {"email": 1}
    assert [each.domain for each in facts.domains] == ["pages.example"]
    assert facts.domains[0].text_bytes == pc.sum(pc.binary_length(training["text"])).as_py()
    row_map = store.read(versions.versions["tokens"], "row_map", ["start", "stop"])
    assert facts.tokens == pc.sum(pc.subtract(row_map["stop"], row_map["start"])).as_py()
    assert facts.windows == ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
    assert facts.licences is None


def test_a_data_card_shows_these_numbers(facts):
    card = data_card(facts)
    assert f"{facts.documents} documents: clean, unique" in card
    found = {cells[0]: cells[2:] for cells in rows(card, "What was left out")}
    assert found["`word_count`"] == ["2", f"{2 / facts.judged:.2%}"]
    assert rows(card, "Private data") == [["`email`", "1"]]
    assert rows(card, "Languages")[0][:2] == ["`en`", str(facts.languages[0].documents)]
    assert rows(card, "Domains")[0][:2] == ["`pages.example`", str(facts.train)]
    assert "licences of the texts were not recorded" in card
    assert "on days not recorded" in card  # a file of texts says nothing of fetches
    refs = [cells[0] for cells in rows(card, "Versions, and how to repeat it")]
    assert {"`pages`", "`corpus`", "`tokens`"} <= set(refs)
    assert f"penstock rerun {facts.subject}" in card


def test_front_matter_is_what_hugging_face_reads(facts):
    found = matter(data_card(facts))
    assert found["language"] == ["en"]
    assert found["license"] == "unknown"
    assert found["size_categories"] == ["n<1K"]
    assert found["configs"] == [{"config_name": "default", "data_files": "*.parquet"}]


def test_no_card_tells_where_files_lie_or_who_asked(store, facts):
    folder, _, _ = two_windows()
    cards = [data_card(facts), training_summary(facts), json.dumps(croissant(facts))]
    for card in cards:
        assert str(folder) not in card
        assert "ann" not in re.findall(r"[a-z]+", card)
    assert "pages.jsonl" in cards[0]


def test_croissant_names_every_file_and_column_once(store, facts, tmp_path, penstock):
    penstock("export", "corpus/tiny@latest", tmp_path / "out")
    told = json.loads(penstock("card", "corpus/tiny@latest", "--kind", "croissant"))
    assert told["@type"] == "sc:Dataset"
    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert told["version"].endswith(facts.version("corpus").key[:12])
    files = [each for each in told["distribution"] if each["@type"] == "cr:FileObject"]
    exported = {path.name: path for path in (tmp_path / "out").glob("*.parquet")}
    assert {each["contentUrl"] for each in files} == set(exported)
    assert all(
        int(f["contentSize"].split()[0]) == exported[f["name"]].stat().st_size for f in files
    )
    assert all(re.fullmatch("[0-9a-f]{64}", each["sha256"]) for each in files)
    (records,) = told["recordSet"]
    names = [each["name"] for each in records["field"]]
    assert names == [each.name for each in facts.fields]
    identifiers = [each["@id"] for each in (*told["distribution"], records, *records["field"])]
    assert len(identifiers) == len(set(identifiers))
    assert records["key"]["@id"] in identifiers
    for each in records["field"]:
        assert each["source"]["fileSet"]["@id"] in identifiers
        assert each["dataType"].partition(":")[0] in told["@context"]
    terms = {key for node in (*told["distribution"], records, *records["field"]) for key in node}
    schema_org = {"name", "description", "contentUrl", "contentSize", "encodingFormat", "sha256"}
    assert terms <= schema_org | set(told["@context"]) | {"@id", "@type"}
    assert "license" not in told  # nobody has said it


def test_croissant_is_valid_where_its_own_checker_is_there(tmp_path, penstock):
    checker = pytest.importorskip("mlcroissant")
    path = tmp_path / "croissant.json"
    penstock("card", "corpus/tiny@latest", "--kind", "croissant", "--to", path)
    assert not checker.Dataset(jsonld=str(path)).metadata.ctx.issues.errors


def test_the_summary_for_the_ai_act_fills_in_what_is_known(facts):
    told = training_summary(facts)
    headings = re.findall(r"^#+ (\d(?:\.\d)?)", told, re.M)
    assert " ".join(headings) == "1 1.1 1.2 1.3 2 2.1 2.2 2.3 2.4 2.5 2.6 3 3.1 3.2 3.3"
    assert "less than 1 billion tokens" in told
    assert f"{facts.tokens:,} tokens" in told
    assert "Penstock crawled nothing for this version." in told
    assert "Date of placement on the Union market: **To be said by the provider.**" in told


def test_the_summary_of_a_crawl_names_crawler_period_and_domains():
    crawl = SourceFacts(
        kind="web",
        about="Crawls.",
        settings={"seeds": ["https://a.example/"], "contact": "x"},
        crawler="Penstock",
        pages=40,
        first="2026-11-01",
        last="2026-11-03",
    )
    sizes = tuple(DomainCount(domain=f"d{n}.example", documents=1, text_bytes=n) for n in range(25))
    told = training_summary(
        CardFacts(name="n", subject="corpus@1", sources=(crawl,), domains=sizes)
    )
    assert "| `Penstock` | 2026-11-01 to 2026-11-03 | 40 |" in told
    assert "Latest date of data acquisition: 2026-11-03" in told
    assert "obeyed (RFC 9309" in told
    assert told.count(".example` |") == 3  # a tenth of 25 domains, rounded up


def test_a_tenth_of_the_domains_and_less_for_small_providers():
    many = tuple(DomainCount(domain=f"d{n}", documents=1, text_bytes=9) for n in range(30_000))
    unnamed = DomainCount(domain="", documents=5, text_bytes=99)
    facts = CardFacts(name="n", subject="s", domains=(unnamed, *many))
    assert len(top_domains(facts)) == 3000
    assert len(top_domains(facts, small=True)) == 1000
    assert not top_domains(CardFacts(name="n", subject="s"))


@pytest.mark.parametrize(
    ("tokens", "told"),
    [(5, "less than 1 billion"), (10**9, "1 billion to 10"), (10**13, "more"), (None, "not known")],
)
def test_tokens_fall_into_the_ranges_of_the_template(tokens, told):
    assert tokens_range(CardFacts(name="n", subject="s", tokens=tokens)).startswith(told)


def test_hostile_words_are_quoted_in_every_card():
    facts = CardFacts(
        name="n",
        subject="corpus@1",
        documents=1,
        licences={EVIL: 3},
        domains=(DomainCount(domain=EVIL, documents=1, text_bytes=5),),
        languages=(LanguageCount(language=EVIL, documents=1, tokens=1, text_bytes=1),),
        sources=(SourceFacts(kind="web", about=f"{EVIL} https://x.example", settings={"s": EVIL}),),
    )
    for card in (data_card(facts), training_summary(facts)):
        body = card.rpartition("\n---\n")[2]  # YAML quotes in its own way
        outside = re.sub(r"`[^`]*`", "", body)  # without code
        outside = re.sub(r"\\.", "", outside)  # without what is escaped
        assert "<b>" not in outside
        assert "](" not in outside
        assert "://" not in outside
    assert matter(data_card(facts))["language"] == [EVIL]
    assert [cells[1] for cells in rows(data_card(facts), "Domains")] == ["1"]
    assert EVIL in json.dumps(croissant(facts)["inLanguage"])


def test_what_is_not_known_is_said_to_be_unknown():
    nothing = CardFacts(name="n", subject="corpus@1")
    told = data_card(nothing)
    assert "not known" in told
    assert "The sources are not known" in told
    assert "Private data was not looked for." in told
    assert "Not known: the version's pages are not in the store." in training_summary(nothing)


@pytest.fixture
def trained(tmp_path):
    """A folder whose store holds a toy model and its scores."""
    folder = copied(tmp_path)
    store = Store.at(folder / "store")
    run = runner(store, recipe="tiny")
    tokens = Made("tokens", store.open(References(store).resolve("tokens/tiny@latest")))
    for kind in ("model", "scores"):
        ref = run(ToyJob(kind=kind), tokens=tokens).ref
        References(store).record("tiny", ref, who="ann", why="test")
        References(store).move("tiny", "latest", ref, who="ann", why="test")
    return folder


def test_a_model_card_tells_training_and_scores(trained, penstock):
    told = penstock("card", "model/tiny@latest", "--store", trained / "store")
    found = matter(told)
    assert found["library_name"] == "transformers"
    assert "Base model: none." in told
    assert "| steps | 200 |" in told
    assert "| parameters | not known |" in told  # the toy's weights are no weights
    assert "not recorded" in told


def test_the_kind_is_what_the_version_is(trained, penstock, tmp_path):
    where = ("--store", trained / "store")
    assert penstock("card", "model/tiny", *where).count("# Model tiny") == 1
    assert penstock("card", "corpus/tiny", *where).count("# Corpus tiny") == 1
    assert penstock("card", "model/tiny", "--kind", "data", *where).count("# Corpus tiny") == 1
    path = tmp_path / "README.md"
    assert str(path) in penstock("card", "corpus/tiny", "--to", path, *where)
    assert path.read_text().startswith("---\n")


def test_a_card_of_what_is_not_there_says_so(penstock, tmp_path):
    assert "A model that a model card is about is not" in penstock(
        "card", "corpus/tiny", "--kind", "model", code=1
    )
    assert "corpus/none" in penstock("card", "corpus/none@latest", code=1)
    missing = tmp_path / "no" / "README.md"
    assert "no such file" in penstock("card", "corpus/tiny", "--to", missing, code=1)


def test_a_model_card_shows_scores_by_language(facts):
    from schemas.card import TrainingFacts
    from tests.flows.toy_job import score

    worse = TrainingFacts(
        settings={}, parameters=5, config={}, steps=3, tokens=9, loss=4.0, model=score(4.4),
        bigram=score(4.0),
    )  # fmt: skip
    languages = (
        LanguageCount(language="en", documents=1, tokens=1, text_bytes=1, model=score(4.4)),
    )
    card = model_card(facts.model_copy(update={"languages": languages}), worse)
    assert [cells[0] for cells in rows(card, "Scores")] == ["all", "`en`"]
    assert rows(card, "Scores")[0][2:] == [
        "4.400",
        f"{score(4.4).perplexity:,.3f}",
        "2.200",
        "2.000",
    ]
    assert "does not beat the bigram model" in card
    assert matter(card)["model-index"][0]["results"][0]["metrics"][1]["value"] == 2.2


def test_parameters_are_counted_in_the_header_of_the_weights(tmp_path, trained):
    header = json.dumps(
        {"__metadata__": {"format": "pt"}, "a": {"shape": [3, 4]}, "b": {"shape": [5]}}
    ).encode()
    store = Store.at(trained / "store")
    model = store.open(References(store).resolve("model/tiny@latest"))
    path = trained / "store" / store.stored_file(model, "model.safetensors").path
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    assert parameters(store, model, "model.safetensors") == 17


def test_sizes_are_hugging_faces_classes():
    assert [size_class(n) for n in (999, 1000, 5_000_000, 10**13)] == [
        "n<1K",
        "1K<n<10K",
        "1M<n<10M",
        "n>1T",
    ]


def test_settings_are_told_without_places_and_people():
    given = {
        "source": {"paths": ["/home/ann/a.jsonl", "C:\\texts\\b.jsonl"], "contact": "ann@web.de"},
        "file": "/srv/tokenizer.json",
        "seed": 3,
    }
    told = {"source": {"paths": ["a.jsonl", "b.jsonl"]}, "file": "tokenizer.json", "seed": 3}
    assert public(given) == told
