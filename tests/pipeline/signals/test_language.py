"""Languages are told apart, the same way each time, by both detectors and by scripts."""

import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.signals.families.language import Language
from tests.pipeline.signals.measuring import documents, measured

NTREX = Path(__file__).parents[4] / "shared" / "data" / "language" / "ntrex.tar.gz"
_PAIRS = (  # BCP 47 of some of NTREX's files
    "ar:arb cs:ces de:deu el:ell en:eng-US es:spa fa:fas fi:fin fr:fra he:heb "
    "hi:hin hu:hun it:ita ja:jpn ko:kor nl:nld pl:pol pt:por ru:rus sv:swe "
    "th:tha tr:tur uk:ukr vi:vie zh:zho-CN"
)
FILES = dict(pair.split(":") for pair in _PAIRS.split())
ENGLISH = "The server reads this file when it starts, and then never again. "
GERMAN = "Der Server liest diese Datei beim Start und danach nie wieder. "
POLISH = "Serwer czyta ten plik przy starcie, a potem już nigdy. "
CODES = {ENGLISH: "en", GERMAN: "de", POLISH: "pl"}
JAPANESE = "サーバは起動時にこの設定ファイルを読みます。"
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


def test_a_doubtful_text_gets_the_same_answer_in_any_thread_and_whatever_stands_beside_it():
    alone = measured(Language(), SHORT)
    beside = documents("Ein ganz anderer Text, auf Deutsch.", SHORT, "x")
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: Language().measure(beside).slice(1, 1), range(16)))
    assert all(row.to_pylist() == alone for row in rows)


def test_both_detectors_and_scripts_take_part():
    rows = measured(
        Language(),
        "The server reads this file when it starts. " * 10,
        "Era una sera serena a Milano e il bar era pieno.",  # CLD2 alone says English
        "Is-server jaqra dan il-fajl meta jibda u qatt aktar.",  # langdetect knows no Maltese
        "서버는 이 파일을 읽는다.",
    )
    assert [row["engine"] for row in rows] == ["both", "langdetect", "cld2", "script"]
    assert [row["language"] for row in rows] == ["en", "it", "mt", "ko"]


def test_control_characters_do_no_harm():
    (row,) = measured(Language(), "The server\x00 reads this\x08 file when it starts.\ufdd0")
    assert row["language"] == "en"


@pytest.mark.parametrize("first", [ENGLISH, GERMAN, POLISH])
def test_a_document_that_is_half_in_another_language_shows_both(first):
    for second in {ENGLISH, GERMAN, POLISH} - {first}:
        for more in (0, 2):  # whichever is the main one
            (row,) = measured(Language(), 8 * first + "\n" + (8 + more) * second)
            shares = {part["language"]: part["share"] for part in row["languages"]}
            assert set(shares) == {CODES[first], CODES[second]}
            assert all(0.35 < share < 0.65 for share in shares.values())


def test_a_document_of_two_languages_shows_the_share_of_each():
    rows = measured(Language(), ENGLISH * 4 + GERMAN * 8, JAPANESE * 5 + ENGLISH * 5, ENGLISH)
    shares = [{part["language"]: part["share"] for part in row["languages"]} for row in rows]
    assert shares[0].keys() == {"de", "en"} and shares[0]["de"] == pytest.approx(0.65, abs=0.1)
    assert shares[1].keys() == {"ja", "en"} and shares[1]["en"] == pytest.approx(0.45, abs=0.1)
    assert shares[2].keys() == {"en"} and shares[2]["en"] > 0.9
    for row, each in zip(rows, shares, strict=True):
        assert row["language"] == row["languages"][0]["language"]
        assert sum(each.values()) <= 1
    assert rows[0]["confidence"] < rows[2]["confidence"]


def test_chinese_of_both_kinds_beside_another_language_is_one_language():
    simplified = "这条河流经老城，人们喜欢在傍晚时分坐在水边聊天，看着船只慢慢驶过。"
    traditional = "這條河流經老城，人們喜歡在傍晚時分坐在水邊聊天，看著船隻慢慢駛過。"
    simplified += "服务器启动时读取配置文件。"
    traditional += "這個伺服器啟動時會讀取設定檔。"
    (row,) = measured(Language(), f"{ENGLISH * 10}\n{simplified}\n{traditional}")
    assert [part["language"] for part in row["languages"]] == ["en", "zh"]


def test_what_is_in_no_language_is_unknown():
    for row in measured(Language(), "12 + 34 = 46", "", "https://example.org/the/server", "..."):
        assert (row["language"], row["confidence"], row["languages"]) == (None, 0.0, [])
        assert row["engine"] == "none"


def test_what_the_page_declares_decides_only_between_the_detectors():
    german = "Der Server liest diese Datei beim Start."
    assert measured(Language(), {"text": german, "declared_language": "fr"})[0]["language"] == "de"


def test_a_few_latin_names_do_not_hide_chinese():
    (row,) = measured(
        Language(), "BBC 的 Alasdair Lamont 在 Tony Macaroni 球场上进行了报道，比赛非常精彩"
    )
    assert row["language"] == "zh"


def test_a_long_text_is_looked_at_from_its_beginning_to_its_end():
    english = "The server reads this file when it starts, and then never again. " * 400
    french = "Le serveur lit ce fichier au démarrage, puis plus jamais ensuite. " * 400
    (row,) = measured(Language(), english + french)
    shares = {each["language"]: each["share"] for each in row["languages"]}
    assert set(shares) == {"en", "fr"}
    assert shares["en"] == pytest.approx(0.5, abs=0.1)


def test_no_character_is_cut_where_a_long_text_is_cut_into_pieces():
    (row,) = measured(Language(first=101), "Файл читается при запуске сервера, а потом нет. " * 40)
    assert row["language"] == "ru"
