"""Whatever a page says of itself stays text: in Markdown, in its tables and code, and in YAML."""

import re

import pytest
import yaml

from pipeline.lineage.markdown import block, code, front_matter, number, seen, size, table, words

HOSTILE = (
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "https://evil.example/ www.evil.example",
    "`code` ``more`` | cell | **bold** _it_ ~~no~~",
    "$$x$$ @everyone &lt;b&gt; &#60;",
    'a: b\n---\n"quoted": [1] # comment',
    "\x1b[31mred\x07 \u202eevil\u202c \u200bzero\U000e0041",
    "'single' \\ back",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_hold_no_markup(text):
    told = words(text)
    bare = re.sub(r"\\.", "", told)  # what is left is not escaped
    assert not set(bare) & set("`*_{}[]<>()#!|~&$@")
    assert "://" not in told
    assert not re.search(r"\bwww\.", told)
    assert "\n" not in told


@pytest.mark.parametrize("text", HOSTILE)
def test_code_stays_in_its_cell(text):
    row = table(("a", "b"), [(code(text), "1")]).splitlines()[2]
    assert row.count("`") == 2
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_is_left_by_its_own_fence_alone(text):
    lines = block([text, "```", "````"]).splitlines()
    assert lines[0] == lines[-1] == "`````"
    assert not any(line.startswith(lines[0]) for line in lines[1:-1])


@pytest.mark.parametrize("text", HOSTILE)
def test_front_matter_is_yaml_that_says_the_same(text):
    written = front_matter({"name": text, "list": [text], "deep": {"a": text}, "n": 1})
    dashes, *_, end = written.splitlines()
    assert dashes == end == "---"
    found = yaml.safe_load(written.removesuffix("---"))
    assert found == {"name": seen(text), "list": [seen(text)], "deep": {"a": seen(text)}, "n": 1}


def test_what_is_not_seen_is_gone_and_what_joins_stays():
    assert seen("a\x1b[31m\u202eb\u200c\U0001f600") == "a[31mb\u200c\U0001f600"
    assert len(seen("x" * 5000)) == 301


def test_numbers_and_sizes_are_short():
    assert [number(None), number(1234567), number(0.12345)] == ["not known", "1,234,567", "0.123"]
    assert [size(12), size(12_345), size(3 * 10**12)] == ["12 bytes", "12.3 kB", "3.0 TB"]
