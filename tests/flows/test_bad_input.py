"""Bad input costs itself alone: the run ends, its neighbours become tokens, and why is told."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from flows.recipe import parse_recipe
from tests.flows.small import run
from tests.tiny_corpus import prose

LONG = 100_000_000  # bytes of one line, cell or file
WORD = "w" * 5_000_000
DEEP = "<div>" * 100_000 + "deep" + "</div>" * 100_000
LEAVING = ("pages", "documents", "verdicts", "clusters")
NO_JSON = "it is not JSON"
EMPTY = pa.array([], pa.string())


def outcome(folder, kind, pattern, **columns):
    """Run a folder's files to tokens: the texts of the corpus by address, and why others left."""
    source = {"kind": kind, "paths": [f"{folder}/{pattern}"]}
    content = {
        "name": "bad",
        "pages": {"source": source | ({"columns": columns} if columns else {})},
        "verdicts": {"rules": ["empty_text", {"kind": "word_count", "fewest": 1}]},
        "corpus": {"split": {"group": "document", "validation_share": 0.3}},
        "tokenizer": {"vocabulary": 300},
        "tokens": {"context": 32},
    }
    made = run(parse_recipe(content, "the bad recipe"), folder / "store")
    versions = {name: made.store.open(made.ref(name)) for name in (*LEAVING, "corpus", "tokens")}
    left = [
        (row["rule"], row["detail"])
        for stage in LEAVING
        for row in made.store.read(versions[stage], "ledger", ("rule", "detail")).to_pylist()
    ]
    rows = made.store.read(versions["corpus"], "corpus", ("url", "text")).to_pylist()
    assert versions["tokens"].rows["rows"]
    return {row["url"]: row["text"] for row in rows}, left


def line(text, **keys):
    return json.dumps({"text": text, **keys}).encode()


def test_lines_of_json(tmp_path):
    bad = [
        b'{"text": "\xff\xfe"}',
        b'{"text": "' + b"a" * LONG + b'"}',
        line("x\ud800y"),
        line(7),
        b'{"text": "cut',
        line(f"a {WORD}"),
        line("before\0after", url="http://nul.example/\0?"),
        line(None),
        b"\0" * 5000,
    ]
    good = [line(prose(n), url=f"http://good.example/{n}") for n in range(len(bad))]
    lines = [each for pair in zip(good, bad, strict=True) for each in pair]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    (tmp_path / "b.jsonl").write_bytes(b"")
    (tmp_path / "c.jsonl").write_bytes(b'{"body": "x"}\n')
    texts, left = outcome(tmp_path, "jsonl_files", "*.jsonl", url="url")
    assert texts == {
        **{f"http://good.example/{n}": prose(n) for n in range(len(bad))},
        "a.jsonl#11": f"a {WORD}",
        "http://nul.example/%00": "beforeafter",
    }
    assert left == [
        ("undecodable", "a.jsonl, line 2: it is no UTF-8"),
        ("too_many_bytes", "a.jsonl, line 4: the line is longer than 16,777,216 bytes"),
        ("undecodable", "a.jsonl, line 6: it has half a character in it"),
        ("not_text", "a.jsonl, line 8: 'text' holds int, not text"),
        ("not_json", f"a.jsonl, line 10: {NO_JSON}: unexpected control character in string"),
        ("not_json", f"a.jsonl, line 18: {NO_JSON}: unexpected character, expected a JSON value"),
        ("missing_column", "c.jsonl: none of its lines has the key 'text', only body"),
    ]


def test_cells_of_parquet(tmp_path):
    odd = ["x\0y " + prose(2), "v" * 1_000_000]
    texts = [prose(0), *odd, prose(1)]
    raw = pa.array([*map(str.encode, texts), b"\xff\xfe", b"a" * LONG], pa.binary())
    urls = [f"http://good.example/{n}" for n in range(len(raw))]
    pq.write_table(pa.table({"text": raw.view(pa.string()), "url": urls}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": EMPTY, "url": EMPTY}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "c.parquet")
    pq.write_table(pa.table({"text": [7], "url": ["x"]}), tmp_path / "d.parquet")
    (tmp_path / "e.parquet").write_bytes(b"")
    found, left = outcome(tmp_path, "parquet_files", "*.parquet", url="url")
    assert list(found.values()) == [each.replace("\0", "") for each in texts]
    assert left == [
        ("undecodable", "a.parquet, row 4: a text in it is no UTF-8"),
        ("killed_by_memory", "a.parquet, rows up to 6: they take more than 512 MB"),
        ("missing_column", "c.parquet: it has no column 'text', only body"),
        ("not_text", "d.parquet: its column 'text' holds int64, not text"),
        ("damaged", "e.parquet: it cannot be read: Parquet file size is 0 bytes"),
    ]


def test_files_of_texts(tmp_path):
    files = {
        "angles.html": b"<" * 1_000_000,
        "broken.txt": prose(1).encode() + b"\xff\xfe broken",
        "deep.html": DEEP.encode(),
        "empty.txt": b"",
        "empty.txt.gz": b"",
        "good.txt": prose(0).encode(),
        "long.txt": b"a" * LONG,
        "noise.txt": bytes(range(256)) * 40,
        "nuls.txt": prose(2).encode().replace(b" ", b"\0", 3),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    texts, left = outcome(tmp_path, "text_files", "*.*")
    assert texts == {
        "broken.txt": f"{prose(1)}ÿþ broken",
        "good.txt": prose(0),
        "nuls.txt": prose(2).replace(" ", "", 3),
    }
    assert left == [
        ("damaged", "empty.txt.gz: the file is damaged: it is empty"),
        ("too_many_bytes", "long.txt: it has more than 67,108,864 bytes"),
        ("too_deep", "it has at least 501 elements open at once; 500 are allowed"),
        ("undecodable", "no encoding that is known here reads its bytes"),
        ("empty_text", None),
    ]
