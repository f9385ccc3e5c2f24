"""What a reader of a wiki's page sees, and what not."""

import pytest

from pipeline.extract.errors import Refused
from pipeline.extract.extractor import Extractor
from pipeline.extract.reading import read
from pipeline.extract.request import Request
from pipeline.extract.wikitext import check

EXTRACTOR = Extractor.parse("plain_text")


def text(markup, hidden="File,Image,Category,Datei,Kategorie"):
    request = Request(markup, "http://a/", is_html=False, hidden=hidden)
    return read(request, EXTRACTOR, mend=True).text


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("a [[link]] and [[Some page|another]]", "a link and another"),
        ("[[:Category:Maps]] and [[:File:A.jpg|a map]]", "Category:Maps and a map"),
        ("x[[Datei:A.jpg|mini|250px|A [[map]]]]y[[kategorie: B]]", "xy"),
        ("[[de:Titel]][[fr:Titre]]a [[de:Titel|title]] [[Star Trek: Picard]]",
         "a title Star Trek: Picard"),
        ("[http://a.example A site] [http://b.example] http://c.example",
         "A site  http://c.example"),
        ("a{{cite|b={{c}}}}b<!-- c -->c<ref name=x>d</ref>d<ref name=x />e", "abcde"),
        ("one<br />two<br>three", "one\ntwo\nthree"),
        ("* one\n* ''two''\n# three\n: four", "one\n two\n three\n four"),
        ("a\n{| class=x\n! h\n|-\n| cell\n|}\nb", "a\n\nb"),
        ("E=<math>mc^2</math>, 1&nbsp;kg &amp; <nowiki>[[x]]</nowiki> <s>old</s>",
         "E=, 1\xa0kg & [[x]] old"),
        ("__NOTOC__a __INHALTSVERZEICHNIS_ERZWINGEN__b a__b", "a b a__b"),
        ("x\n== Kept ==\n=== Also ===\ny\n== Gone ==\n{{a}}\n=== Gone too ===\n== Last ==\n",
         "x\n\nKept\n\nAlso\n\ny"),
        ("a\n&#1;b\n&#x1;9c\n&#1;\nd", "a\nb\n9c\n\nd"),  # what marks a heading in here
        ("<div>a</div><p>b</p><blockquote>c</blockquote>", "a\n\nb\n\nc"),
        ("{{{1|x}}} [[unclosed {{too <b>bold", "[[unclosed {{too <b>bold"),
    ],
)  # fmt: skip
def test_a_page_is_what_its_reader_sees(markup, seen):
    assert [line.strip() for line in text(markup).splitlines()] == [
        line.strip() for line in seen.splitlines()
    ]


@pytest.mark.parametrize("open_", ["<b>", "<ref>", "[[a|", "[http://a ", "{{a|", "{|\n", "<!--"])
def test_what_stays_open_too_often_is_refused_before_it_is_parsed(open_):
    check(open_ * 250, 500)
    check("<br><li>a[b]{c}<ref/><!-- d -->" * 1_000, 500)
    with pytest.raises(Refused, match="do not end"):
        check(open_ * 501, 500)


def test_no_markup_is_too_deep_for_it():
    for markup in ("{{a|" * 500 + "}}" * 500, "[[a|" * 400 + "]]" * 400, "<b>" * 400 + "x"):
        assert isinstance(text(markup), str)
