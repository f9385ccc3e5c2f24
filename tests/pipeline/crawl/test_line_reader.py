"""Files are cut into lines as `readline` cuts them, whatever comes at once."""

import gzip
import io
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl import line_reader
from pipeline.crawl.errors import DamagedSource
from pipeline.crawl.files import SourceFile, unpacked
from pipeline.crawl.line_ends import line_ends
from pipeline.crawl.line_reader import LineReader, Lines, TooLong

FILE = SourceFile(Path("a.jsonl"), "a.jsonl")


def reference(content, most):
    """Line by line: what is kept of each, or how long it is."""
    for line in io.BytesIO(content):
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        yield line if len(bare) <= most else TooLong(len(line))


def told(reader):
    for each in reader:
        if isinstance(each, Lines):
            assert each.ends[-1] == len(each.data)
            yield from map(each.line, range(len(each.ends)))
        else:
            yield each


class Trickle(io.BytesIO):
    """Gives fewer bytes than it is asked for, as pipes and packed files do."""

    def read1(self, size=-1):
        return super().read1(min(size, 3))


CONTENT = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b"\r", b"\0", b"xxxxxxxx"]))


@given(CONTENT.map(b"".join), st.integers(1, 9), st.integers(1, 12), st.booleans())
def test_lines_are_those_of_readline(content, most, block, trickle):
    opened = (Trickle if trickle else io.BytesIO)(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_reader, "BLOCK", block)
        assert list(told(LineReader(opened, FILE, most))) == list(reference(content, most))


@given(
    st.lists(st.sampled_from([b"\n", b"\n", b"ab", b"\r\n", b"\x8a", b"x" * 31, b"x" * 70])).map(
        b"".join
    )
)
def test_the_ends_of_lines_are_behind_their_line_feeds(content):
    ends = line_ends(np.frombuffer(content, np.uint8))
    assert ends.tolist() == [at + 1 for at, byte in enumerate(content) if byte == 10]


def test_no_line_that_is_too_long_is_held():
    opened = io.BytesIO(b"x" * (1 << 25) + b"\nend\n")
    tracemalloc.start()
    try:
        assert list(told(LineReader(opened, FILE, 20))) == [TooLong((1 << 25) + 1), b"end\n"]
        assert tracemalloc.get_traced_memory()[1] < 5 * line_reader.BLOCK
    finally:
        tracemalloc.stop()


def test_a_line_that_is_too_long_and_damaged_is_told_as_damage_alone(tmp_path):
    packed = gzip.compress(b"one\n" + random.Random(0).randbytes(50_000).replace(b"\n", b"x"))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[:-9000])
    lines = []
    with unpacked(path) as opened, pytest.raises(DamagedSource, match="line 2"):
        for each in told(LineReader(opened, SourceFile(path, path.name), 100)):
            lines.append(each)
    assert lines == [b"one\n"]


class Torn(io.BytesIO):
    """Breaks off behind what it holds, as a packed file that is cut short does."""

    def read1(self, size=-1):
        if piece := super().read1(size):
            return piece
        raise EOFError


def test_no_line_between_one_that_is_too_long_and_damage_is_lost(monkeypatch):
    monkeypatch.setattr(line_reader, "BLOCK", 40)
    lines = []
    with pytest.raises(DamagedSource, match="line 5"):
        for each in told(LineReader(Torn(b"one\n" + b"x" * 60 + b"\ntwo\nthree\nfo"), FILE, 20)):
            lines.append(each)
    assert lines == [b"one\n", TooLong(61), b"two\n", b"three\n"]


def test_a_line_without_an_end_in_sight_is_told_as_endless(monkeypatch):
    monkeypatch.setattr(line_reader, "BLOCK", 10)
    monkeypatch.setattr(line_reader, "MOST_SKIPPED", 100)
    found = next(iter(LineReader(io.BytesIO(b"x" * 1000), FILE, 20)))
    assert found.endless and 100 < found.size <= 110


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.999])
def test_all_whole_lines_before_damage_are_told(tmp_path, cut):
    chance = random.Random(0)
    content = b"".join(b"%d\n" % chance.getrandbits(200) for _ in range(5000))
    packed = gzip.compress(content)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[: int(len(packed) * cut)])
    lines = []
    with unpacked(path) as opened, pytest.raises(DamagedSource) as damage:
        for each in told(LineReader(opened, SourceFile(path, path.name), 100)):
            lines.append(each)
    expected = []
    with gzip.open(path) as opened, pytest.raises(EOFError):
        while line := opened.readline():
            expected.append(line)
    assert lines == content.splitlines(keepends=True)[: len(lines)]
    assert len(lines) >= len(expected)
    assert f"line {len(lines) + 1}" in str(damage.value)
