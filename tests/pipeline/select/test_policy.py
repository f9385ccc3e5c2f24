"""The policy: one verdict for every document, from the rules in the recipe's order."""

import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.select.policy import verdicts
from pipeline.select.rule import Rule
from pipeline.select.stage import Verdicts
from pipeline.signals.family import Family

CHINESE = (
    "服务器启动时会读取主配置文件，并按照其中的指令加载所需的模块。管理员可以通过修改该文件来调整"
    "服务器的行为，例如监听的端口、允许的最大连接数以及日志文件的位置。每次修改之后都需要重新启动"
    "服务器，新的设置才会生效。如果配置文件中存在语法错误，服务器将拒绝启动，并在错误日志中给出提示。\n"
    "为了避免中断服务，建议先使用检查命令验证配置文件是否正确，然后再平滑重启。"
)
JAPANESE = (
    "サーバは起動時に設定ファイルを読み込み、そこに書かれた指示に従って必要なモジュールを組み込みます。"
    "管理者はこのファイルを書き換えることで、待ち受けるポートや同時接続数の上限、ログの保存場所などを"
    "変更できます。変更を反映させるには、サーバを再起動しなければなりません。\n"
    "設定に誤りがあると、サーバは起動せず、その理由をエラーログに書き出します。"
)
THAI = (
    "เซิร์ฟเวอร์จะอ่านแฟ้มตั้งค่าหลักเมื่อเริ่มทำงาน และโหลดโมดูลที่จำเป็นตามคำสั่งที่ระบุไว้ ผู้ดูแลระบบสามารถแก้ไขแฟ้มนี้เพื่อ"
    "เปลี่ยนพอร์ต จำนวนการเชื่อมต่อสูงสุด และตำแหน่งของบันทึก หลังจากแก้ไขแล้วต้องเริ่มเซิร์ฟเวอร์ใหม่"
)
CODE = """def find(table, value):
    slot = value % len(table)
    while table[slot] not in (0, value):
        slot = (slot + 1) % len(table)
    return slot

for (int i = 0; i < n; i++) {
    if (a[i] == b[i]) { count += 1; }
    a[i] = b[i] & 0xff;
}
"""
SPAM = "buy cheap pills online " * 60
NO_CODE = ("curly_braces",)  # what such a rule is for
PROSE_RULES = tuple(
    Rule.parse(kind) for kind in Rule.known() if kind not in ("languages", *NO_CODE)
)


def signals(*texts):
    """The signals that families measure of some texts."""
    nothing = pa.nulls(len(texts), pa.string())
    batch = pa.record_batch(
        {
            "text": pa.array(texts, pa.large_string()),
            "title": nothing,
            "declared_language": nothing,
        }
    )
    measured = {kind: Family.named(kind)().measure(batch) for kind in Family.known()}
    return {
        f"{kind}.{name}": rows[name]
        for kind, rows in measured.items()
        for name in rows.schema.names
    }


def judged(rules, columns, there=None):
    rows = len(next(iter(columns.values())))
    ids = pa.array([bytes([row]) * 16 for row in range(rows)], pa.binary(16))
    there = pa.array(there or [True] * rows)
    return verdicts(tuple(rules), columns, ids, there).to_pylist()


def few(fewest):
    return Rule.parse({"kind": "empty_text", "fewest": fewest})


@pytest.mark.parametrize("text", [CHINESE, JAPANESE, THAI, CODE], ids=["zh", "ja", "th", "code"])
def test_no_default_rule_drops_correct_text_without_spaces_or_code(text):
    (verdict,) = judged(PROSE_RULES, signals(text))
    assert verdict["rules"] == []
    assert verdict["keep"] is True


def test_spam_is_dropped_for_its_repetition():
    (verdict,) = judged(PROSE_RULES, signals(SPAM))
    assert {"top_ngrams", "duplicate_ngrams", "stop_words"} <= set(verdict["rules"])


def test_the_first_rule_is_the_reason_and_all_are_written_down():
    empty, lorem = Rule.parse("empty_text"), Rule.parse("lorem_ipsum")
    columns = {
        "words.words": pa.array([0, 5, 0]),
        "words.lorem_ipsum": pa.array([2, 1, 0]),
    }
    first, second, third = judged((empty, lorem), columns)
    assert first["rules"] == ["empty_text", "lorem_ipsum"]
    assert (first["rule"], first["value"], first["threshold"]) == ("empty_text", 0.0, 1.0)
    assert (second["rule"], second["value"], second["threshold"]) == ("lorem_ipsum", 1.0, 0.0)
    assert third["rules"] == ["empty_text"]


def test_the_order_of_rules_changes_no_verdict():
    columns = signals(CHINESE, CODE, SPAM, "", "Lorem ipsum. " * 30, "- a\n- b\n- c")
    verdict = judged(PROSE_RULES, columns)
    for order in itertools.islice(itertools.permutations(PROSE_RULES), 0, 100, 9):
        other = judged(order, columns)
        assert [row["keep"] for row in other] == [row["keep"] for row in verdict]
        assert [set(row["rules"]) for row in other] == [set(row["rules"]) for row in verdict]


def test_a_quarantined_document_has_no_verdict():
    columns = {"words.words": pa.array([None, 0, 9])}
    gone, dropped, kept = judged((Rule.parse("empty_text"),), columns, [None, True, True])
    assert [gone[name] for name in ("keep", "rule", "value", "rules")] == [None] * 4
    assert (dropped["keep"], kept["keep"]) == (False, True)
    assert kept["rules"] == []


def test_without_rules_every_document_stays():
    rows = judged((), {"any": pa.array([1, 2])}, [True, False])
    assert [row["keep"] for row in rows] == [True, None]


@given(st.lists(st.tuples(st.integers(0, 20), st.none() | st.booleans()), max_size=20))
def test_each_document_is_kept_dropped_or_gone(rows):
    rules = (few(5), few(10), few(15))
    words = pa.array([words for words, _ in rows], pa.int64())
    there = pa.array([present for _, present in rows], pa.bool_())
    ids = pa.array([bytes(16)] * len(rows), pa.binary(16))
    table = verdicts(rules, {"words.words": words}, ids, there)
    for (count, present), verdict in zip(rows, table.to_pylist(), strict=True):
        bounds = [bound for bound in (5, 10, 15) if count < bound] if present else []
        assert verdict["keep"] == ((not bounds) if present else None)
        assert verdict["threshold"] == (bounds[0] if bounds else None)
        assert verdict["rules"] == (["empty_text"] * len(bounds) if present else None)


def test_many_documents_are_judged_as_few_are():
    counts = [row % 23 if row % 19 else None for row in range(20_000)]
    ids = pa.array([row.to_bytes(16, "big") for row in range(len(counts))], pa.binary(16))
    columns = {"words.words": pa.array(counts)}
    there = pa.array([None if row % 17 == 0 else row % 13 > 0 for row in range(len(counts))])
    rules = (few(5), few(10), few(15))
    whole = verdicts(rules, columns, ids, there)
    for start in (0, 8_190, 19_990):
        some = {name: column.slice(start, 5) for name, column in columns.items()}
        assert verdicts(rules, some, ids.slice(start, 5), there.slice(start, 5)).equals(
            whole.slice(start, 5)
        )


def test_the_stage_reads_only_what_its_rules_read():
    stage = Verdicts(rules=("empty_text", {"kind": "languages", "keep": ("en",)}))
    reads = stage.reads()
    assert set(reads) == {"documents", "words", "language"}
    assert reads["documents"].columns == {"documents": ()}
    assert reads["words"].columns == {"signals": ("measured", "words")}
    assert reads["language"].columns == {"signals": ("measured", "confidence", "language")}
    assert set(Verdicts().reads()) == {"documents"}
    assert Verdicts.model_validate(stage.model_dump(mode="json")) == stage
