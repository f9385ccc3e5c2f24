"""Damaged text is mended; correct text stays byte for byte."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract.form import formed
from pipeline.extract.look import SUSPICIOUS, look
from pipeline.extract.normalise import normalise, well_formed
from pipeline.extract.repair import repair, repaired

CORRECT = {
    "Latin": "“It’s €5 – ‘curly’ quotes…” ﬁne ½ × ²; Œuvre, cœur, ÀÉÎÕÜ, ß, ¿qué?, «là», 5°C, §3 ¶",
    "Polish": "Zażółć gęślą jaźń „cytat” — ŁÓDŹ",
    "Turkish": "Pijamalı hasta yağız şoföre çabucak güvendi. İSTANBUL'DA",
    "Vietnamese": "Tôi có thể ăn thủy tinh mà không hại gì. ĐƯỜNG",
    "Cyrillic": "Съешь же ещё этих мягких французских булок, да выпей чаю № 5 «ёлки»",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· «Ώρα»",
    "Arabic": "نص عربي صحيح، مع علامات «ترقيم» و‌فاصل؟",
    "Hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה ״ציטוט״",
    "Devanagari": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण क्‍षमा",
    "Thai": "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "Han": "全角，标点！“引号”——『書名』　段落；１２３ＡＢＣ",
    "Kana": "いろはにほへと　ﾊﾝｶｸ カタカナ〜「引用」",
    "Hangul": "키스의 고유조건은 입술끼리 만나야 하고 “따옴표”",
    "Georgian": "ვეპხის ტყაოსანი შოთა რუსთაველი",
    "Ethiopic": "ሰማይ አይታረስ ንጉሥ አይከሰስ።",
    "emoji": "👩‍👩‍👧 🇩🇪 ✔ ¯\\_(ツ)_/¯ ಠ_ಠ ( ͡° ͜ʖ ͡°)",
    "code": 'if (a &lt; b && c > "d") { x[i]++; } // &amp; 100% \\u00e9',
    "mixed": "Ångström, São Paulo, NAÏVE, crème brûlée £3 ¥5 © 2026 ® ™",
}
DAMAGED = {
    "schÃ¶n": "schön",
    "lâ€™humanitÃ©": "l’humanité",
    "âœ” No problems": "✔ No problems",
    "voilÃ\xa0 le travail": "voilà le travail",
    "ÐŸÑ€Ð¸Ð²ÐµÑ‚": "Привет",
    "æ—¥æœ¬èªž": "日本語",
    "\x84Zitat\x93": "„Zitat“",
    "fine line\nschÃ¶n\nfine line": "fine line\nschön\nfine line",
}


@pytest.mark.parametrize("script", CORRECT)
def test_correct_text_stays(script):
    assert repair(CORRECT[script]) == CORRECT[script]
    assert repaired(CORRECT[script]) == CORRECT[script]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_mojibake_is_undone(damaged):
    assert repair(damaged) == DAMAGED[damaged]


ODD = "ÃÂÐÑâ€™œŒŠžŸ°×²³¦¨¬¯¸ƒˆ‡‰\ufffd╬█√±‚Ä≈àВЂвГўβΒΞ\x80\x85\x9d\x1b\x1c\xa0\xad[A\n\r ?¡¿£"


@settings(max_examples=600)
@given(st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=40))
@example("a\nÃ b")
@example("x" * 20 + "\x1b[1mbold")
def test_the_quick_way_gives_what_the_slow_way_gives(text):
    assert repair(text) == repaired(text)
    assert formed(text, mend=True) == (normalise(repaired(text)), repaired(text) != text)


SPACES = "\n\n\n \t\u3000\xa0\u2028\u200b\x00\u0301\u1161\u11a8가क़e😀𝅘𝅥“’é"


@settings(max_examples=600)
@given(st.text(st.one_of(st.sampled_from(SPACES), st.characters(categories=None)), max_size=30))
@example("\n")
@example(" ")
@example("a\n\n\nb")
@example("\u1100\u1161")
@example("\ud83d\ude00")
def test_a_look_misses_nothing_that_has_another_form(text):
    whole = well_formed(text)
    assert formed(text, mend=False) == (normalise(whole), False)
    assert formed(text, mend=True)[0] == normalise(repaired(whole))


@settings(max_examples=300)
@given(
    st.text(max_size=20), st.sampled_from(["latin-1", "cp1252", "cp1251", "cp1250", "mac_roman"])
)
def test_it_does_so_on_mojibake_too(text, wrong):
    damaged = text.encode("utf-8", "ignore").decode(wrong, "replace")
    assert repair(damaged) == repaired(damaged)


def test_curly_quotes_cost_no_second_look():
    assert not look(CORRECT["Latin"].replace("«là»", "")) & SUSPICIOUS
    assert not look(CORRECT["Han"] + CORRECT["Cyrillic"]) & SUSPICIOUS


def test_a_long_line_does_not_take_long():
    began = time.monotonic()
    for hostile in ("Ã" * 200_000, "Â " * 100_000, "â€" * 100_000, "a Ã " * 50_000):
        repair(hostile)
    assert time.monotonic() - began < 20
