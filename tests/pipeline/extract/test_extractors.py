"""Extractors give a page's own text, the same each time."""

import pytest

from pipeline.extract.extractor import Extracted, Extractor

MAIN = ["main_text", "trafilatura", "resiliparse"]
STORY = "The lighthouse had stood on the rock for two hundred years before anybody asked why. "
PAGE = f"""<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html><html lang="en"><head><title>Lighthouse</title><script>var a = "<p>";</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/b">Boats</a></li></ul></nav>
<article><h1>The lighthouse</h1><p>{STORY * 4}</p><p>Café, naïve — {STORY * 3}</p></article>
<footer>All rights reserved</footer></body></html>"""


@pytest.mark.parametrize("kind", MAIN)
def test_the_story_is_found_and_the_menu_is_not(kind):
    found = Extractor.parse(kind).extract(PAGE, "http://a/")
    assert found.title == "Lighthouse"
    assert found.language == "en"
    lines = found.text.splitlines()
    assert (STORY * 4).strip() in lines
    assert any(line.startswith("Café, naïve — The") for line in lines)
    assert "Boats" not in found.text
    assert "rights" not in found.text


@pytest.mark.parametrize("kind", [*MAIN, "plain_text"])
@pytest.mark.parametrize("html", ["", " ", "\0", "<!-- -->", "<html></html>", "<", "\ufffe", "<a"])
def test_a_page_without_text_has_an_empty_text(kind, html):
    text = Extractor.parse(kind).extract(html, "").text
    assert text.strip(" \0\ufffe<") == ""


@pytest.mark.parametrize("kind", [*MAIN, "plain_text"])
def test_words_without_tags_are_text(kind):
    assert Extractor.parse(kind).extract("just words", "") == Extracted("just words", None, None)


@pytest.mark.parametrize("kind", MAIN)
def test_nothing_is_remembered_from_page_to_page(kind):
    extractor = Extractor.parse(kind)
    texts = {extractor.extract(PAGE, "").text for _ in range(5)}
    assert len(texts) == 1


def test_a_deep_page_keeps_its_text():
    html = "<html><body>" + "<div>" * 450 + f"<p>{STORY * 5}</p>" + "</div>" * 450
    for kind in MAIN:
        assert STORY.strip() in Extractor.parse(kind).extract(html, "").text


def test_trafilaturas_settings_reach_it():
    rows = "".join(f"<tr><td>{n}</td><td>{STORY}</td></tr>" for n in range(9))
    html = PAGE.replace("</article>", f"<table>{rows}</table></article>")
    with_tables = Extractor.parse("trafilatura").extract(html, "").text
    without = Extractor.parse({"kind": "trafilatura", "tables": False}).extract(html, "").text
    assert len(with_tables) > len(without) > 0
