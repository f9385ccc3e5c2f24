"""The bundled pages: how many, in which language and encoding, and that they can be made again."""

import tarfile
from collections import Counter
from pathlib import Path

import pytest
from langdetect import DetectorFactory, detect
from lxml import html

from infra.demo_site.serve import ARCHIVE, unpack

SITE_ARCHIVE = Path(__file__).parents[3] / "shared/data/web/site.tar.xz"
LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "tr", "zh-cn")
CHARSETS = {"de": "ISO-8859-1", "es": "ISO-8859-1", "ko": "EUC-KR"}  # the others are UTF-8
HAN, KANA, HANGUL = ("一", "鿿"), ("ぁ", "ヿ"), ("가", "힣")
SCRIPTS = {"zh-cn": (HAN,), "ja": (HAN, KANA), "ko": (HANGUL,)}


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    unpack(folder)
    return folder / "manual"


def test_the_pages_are_about_460_in_eight_languages_and_small(manual):
    found = [path.relative_to(manual).parts for path in manual.rglob("*.html")]
    counts = Counter(parts[0] for parts in found if len(parts) > 1)
    assert counts.pop("private") == 1
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 17
    assert 450 <= sum(counts.values()) <= 475
    assert ARCHIVE.stat().st_size < 4_000_000
    for name in ("LICENSE", "NOTICE", "README.md"):
        assert "Apache" in ARCHIVE.with_name(name).read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_its_folders_language_and_in_the_encoding_it_declares(manual, language):
    DetectorFactory.seed = 0
    found = Counter()
    for file in sorted((manual / language).rglob("*.html")):
        text = file.read_bytes().decode(CHARSETS.get(language, "UTF-8"))
        assert f"charset={CHARSETS.get(language, 'UTF-8')}" in text
        assert f'<html lang="{language}">' in text
        assert "The Apache Software Foundation" in text
        assert "Modified for Penstock" in text
        english = manual / "en" / file.relative_to(manual / language)
        assert file == english or not english.exists() or text.encode() != english.read_bytes()
        found[shown_language(text, language)] += 1
    # A menu or a list of names has too little prose for a second detector to judge.
    assert found.pop(None, 0) <= 8
    assert set(found) == {language}


def shown_language(page: str, declared: str) -> str | None:
    """The language of headings and paragraphs; None where they are a line or two.

    By script for Chinese, Japanese and Korean, which langdetect misses between English names.
    """
    tree = html.document_fromstring(page)
    for part in tree.xpath(
        "//pre|//code|//table|//dl|//*[@id='page-header' or @id='path' or @id='footer']"
        "|//div[@class='toplang' or @class='bottomlang']"
    ):
        part.drop_tree()
    text = " ".join(part.text_content() for part in tree.xpath("//h1|//h2|//h3|//p"))
    if len(text) < (100 if declared in SCRIPTS else 300):
        return None
    if declared not in SCRIPTS:
        return detect(text[:1000])
    letters = [letter for letter in text if letter.isalpha()]
    own = sum(any(low <= letter <= high for low, high in SCRIPTS[declared]) for letter in letters)
    return declared if own >= 0.3 * len(letters) else "another"


def test_the_archive_is_what_the_selection_gives():
    if not SITE_ARCHIVE.exists():
        pytest.skip(f"{SITE_ARCHIVE.name}, the full archive of pages, is not on this machine")
    pytest.importorskip("pycld2")
    from infra.demo_site.select_pages import MODIFIED, site_files

    with tarfile.open(ARCHIVE) as archive:
        members = archive.getmembers()
        bundled = {member.name: archive.extractfile(member).read() for member in members}
    assert {(member.mtime, member.uid, member.mode) for member in members} == {(MODIFIED, 0, 0o644)}
    assert list(bundled) == sorted(bundled)
    assert bundled == site_files(SITE_ARCHIVE)
