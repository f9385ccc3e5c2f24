"""Languages are told apart, the same way each time, by both detectors and by scripts."""

import random
import tarfile
from pathlib import Path

import pytest

from pipeline.signals.detectors import careful, known_to_careful, printable
from pipeline.signals.families.language import Language
from tests.pipeline.signals.measuring import measured

NTREX = Path(__file__).parents[4] / "shared" / "data" / "language" / "ntrex.tar.gz"
_PAIRS = (  # BCP 47 of some of NTREX's files
    "ar:arb cs:ces de:deu el:ell en:eng-US es:spa fa:fas fi:fin fr:fra he:heb "
    "hi:hin hu:hun it:ita ja:jpn ko:kor nl:nld pl:pol pt:por ru:rus sv:swe "
    "th:tha tr:tur uk:ukr vi:vie zh:zho-CN"
)
FILES = dict(pair.split(":") for pair in _PAIRS.split())
SHORT = "ok, hello my friend; bonjour mon ami; hola"


@pytest.fixture(scope="module")
def sentences():
    if not NTREX.exists():
        pytest.skip(f"{NTREX} is not there: it holds the sentences to tell apart")
    wanted = {f".{name}.txt": language for language, name in FILES.items()}
    found = {}
    with tarfile.open(NTREX) as archive:
        for member in archive:
            language = wanted.get(member.name[member.name.rfind(".", 0, -4) :])
            if language and "NTREX-128" in member.name:
                lines = archive.extractfile(member).read().decode().splitlines()
                found.setdefault(language, [line for line in lines[::80] if line.strip()])
    return found


def test_news_sentences_and_documents_of_25_languages_are_told(sentences):
    assert len(sentences) == len(FILES)
    for language, lines in sentences.items():
        rows = measured(Language(), *lines, "\n".join(lines))
        told = [row["language"] for row in rows]
        assert told[-1] == language
        assert told.count(language) >= 0.88 * len(told), language
    # All 128 languages and each sentence are a matter of benchmarks.


def test_a_doubtful_text_gets_the_same_answer_whatever_came_before():
    first = [careful(SHORT) for _ in range(3)]
    random.seed(7)
    careful("Ein ganz anderer Text, auf Deutsch.")
    assert {*first, careful(SHORT)} == {first[0]}


def test_both_detectors_take_part():
    rows = measured(
        Language(),
        "The server reads this file when it starts. " * 10,
        "This is English, but short.",
        "x y z qrst",
        "서버는 이 파일을 읽는다.",
    )
    assert rows[0]["engine"] == "cld2"
    assert rows[1]["engine"] == "both"
    assert rows[3]["engine"] == "script"
    assert {"en", "de", "zh"} <= known_to_careful()


def test_control_characters_do_no_harm():
    assert printable("a\x00b\ue000c\nd") == "a b c\nd"
    (row,) = measured(Language(), "The server\x00 reads this\x08 file when it starts.\ufdd0")
    assert row["language"] == "en"


def test_what_the_page_declares_decides_only_between_the_detectors():
    german = "Der Server liest diese Datei beim Start."
    assert measured(Language(), {"text": german, "declared_language": "fr"})[0]["language"] == "de"


def test_a_few_latin_names_do_not_hide_chinese():
    (row,) = measured(
        Language(), "BBC 的 Alasdair Lamont 在 Tony Macaroni 球场上进行了报道，比赛非常精彩"
    )
    assert row["language"] == "zh"
