"""Bytes become the text that they were written as."""

import codecs
import tarfile
from pathlib import Path

import pytest

from pipeline.extract.encoding import WIDER, codec_of, decode
from pipeline.extract.errors import Refused

ENCODINGS = Path(__file__).parents[4] / "shared" / "data" / "web" / "encodings.tar.gz"
JAPANESE = (
    "<html><p>日本語の文章です。これは試験のための短い文です。カタカナもあります。</p></html>"
)
KOREAN = (
    "<html><p>한국어 문장입니다. 이것은 시험을 위한 짧은 글입니다. 펲시콜라 똠방각하</p></html>"
)
CHINESE = "<html><p>这是一个用于测试的中文句子。编码检测应该正确。镕𠮷</p></html>"
RUSSIAN = "<html><p>Это русский текст для проверки кодировки страницы.</p></html>"
CZECH = "<html><p>Příliš žluťoučký kůň úpěl ďábelské ódy.</p></html>"
GREEK = "<html><p>Αυτό είναι ένα ελληνικό κείμενο για δοκιμή.</p></html>"
TURKISH = "<html><p>Pijamalı hasta yağız şoföre çabucak güvendi.</p></html>"
FRENCH = (
    "<html><p>“Voix ambiguë d’un cœur qui au zéphyr préfère les jattes de kiwis” – 5 €</p></html>"
)
WRITTEN = [
    (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp"),
    (KOREAN, "cp949"), (CHINESE, "gb18030"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"),
    (CZECH, "cp1250"), (CZECH, "iso8859-2"), (GREEK, "cp1253"), (TURKISH, "cp1254"),
    (FRENCH, "cp1252"), (CHINESE, "utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), WRITTEN)
def test_the_header_names_the_encoding(text, name):
    label = {"cp949": "euc-kr", "gb18030": "gb2312"}.get(name, name)
    assert decode(text.encode(name), f"text/html; charset={label}").text == text


@pytest.mark.parametrize(("text", "name"), WRITTEN)
@pytest.mark.parametrize("form", ['<meta charset="{}">', "<META content='text/html; CHARSET={}'>"])
def test_the_page_names_the_encoding(text, name, form):
    page = form.format({"cp949": "ks_c_5601-1987"}.get(name, name)) + text
    assert decode(page.encode(name), "text/html").text == page


def test_an_xml_declaration_names_the_encoding():
    page = f'<?xml version="1.0" encoding="windows-1251"?>\n{RUSSIAN}'
    assert decode(page.encode("cp1251"), None).text == page


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_is_found_without_any_name(name):
    assert decode(CZECH.encode(name), "text/html; charset=iso-8859-1").text == CZECH


def test_utf8_is_believed_before_a_header_that_says_otherwise():
    assert decode(CZECH.encode(), "text/html; charset=iso-8859-1").text == CZECH


def test_the_page_is_believed_before_a_servers_default():
    page = f'<meta charset="shift_jis">{JAPANESE}'
    assert decode(page.encode("cp932"), "text/html; charset=ISO-8859-1").text == page


def test_one_broken_byte_does_not_spoil_a_page():
    payload = (CHINESE * 3).encode() + b"\xff"
    assert decode(payload, "text/html; charset=windows-1252").text == CHINESE * 3 + "\ufffd"


@pytest.mark.parametrize("label", ["", "nonsense", "hex", "utf-7-x", "../../etc"])
def test_a_name_that_is_none_is_passed_over(label):
    assert decode(CZECH.encode(), f"text/html; charset={label}").text == CZECH
    assert decode(FRENCH.encode("cp1252"), f"text/html; charset={label}").text == FRENCH


def test_labels_mean_what_they_mean_on_the_web():
    assert codec_of("latin1") == codec_of("us-ascii") == "cp1252"
    assert codec_of("gb2312") == "gb18030"
    assert codec_of("x-sjis") == "cp932"
    assert codec_of("rot13") is None


@pytest.mark.parametrize("payload", [b"", b"\xef\xbb\xbf", b" \n"])
def test_nothing_is_an_empty_text(payload):
    assert decode(payload, None).text.strip() == ""


@pytest.mark.parametrize("payload", [b"\x00\x01" * 500, bytes(range(256)) * 8, b"\0" * 999])
def test_bytes_that_are_no_text_are_refused(payload):
    with pytest.raises(Refused) as refused:
        decode(payload, "text/html")
    assert refused.value.reason == "undecodable"


def test_more_of_chardets_files_are_read_than_charset_normalizer_reads():
    if not ENCODINGS.exists():
        pytest.skip("shared/data/web/encodings.tar.gz is not here")
    right = total = 0
    with tarfile.open(ENCODINGS) as archive:
        for member in archive:
            if not member.isfile() or member.name.endswith("LICENSE"):
                continue
            payload = archive.extractfile(member).read()
            total += 1
            right += _read_right(payload, Path(member.name).parent.name)
    assert (right, total) == (417, 425)  # charset-normalizer 3.5.2 alone: 407


def _read_right(payload, folder):
    """Whether it reads as its true encoding, or as what the web means by that, reads it."""
    spelled = {"MacCyrillic": "mac_cyrillic", "MacRoman": "mac_roman"}
    names = (spelled.get(folder, folder), folder.rpartition("-")[0])
    codec = next((name for name in map(_codec, names) if name), None)
    try:
        text = decode(payload, None).text
        return codec is not None and any(
            text == payload.decode(name).lstrip("\ufeff")
            for name in (WIDER.get(codec), codec)
            if name
        )
    except (Refused, UnicodeError):
        return False


def _codec(name):
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
