"""Ctrl-C is the first process's to answer: those that it starts for its work do not hear it."""

import signal
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.crawl.parquet_rows import rows_of
from pipeline.ctrl_c import deaf_to_ctrl_c
from pipeline.extract.extractor import Extractor
from pipeline.extract.limits import Limits
from pipeline.extract.request import Request
from pipeline.extract.sandbox import Sandbox

PARSER = "pipeline.extract.sandbox_child"  # the module that runs there
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is blocked is read in /proc")


@pytest.fixture
def hearing():
    """Heeds Ctrl-C, also where a shell that started us in the background had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def is_deaf(process):
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
    )
    return bool(int(status["SigBlk"], 16) & 1 << (signal.SIGINT - 1))


def started():
    return psutil.Process().children()


def test_the_parser_and_the_reader_of_parquet_do_not_hear_it(tmp_path):
    pq.write_table(pa.table({"text": ["one", "two"]}), tmp_path / "rows.parquet")
    before = set(started())
    with closing(rows_of(tmp_path / "rows.parquet", None, most_bytes=1000)) as rows:
        next(rows)
        readers = set(started()) - before
        assert [is_deaf(each) for each in readers] == [True]
    extractor = Extractor.parse("tests.pipeline.extract.blocks.awkward")
    with Sandbox(extractor, Limits(seconds=5, megabytes=128), mend=True) as sandbox:
        list(sandbox.read([Request("one", "u", is_html=True)]))
        # One that is idle since an earlier test may have been taken.
        parsers = [each for each in started() if PARSER in each.cmdline()]
        assert parsers
        assert all(map(is_deaf, parsers))
    assert not is_deaf(psutil.Process())


def test_one_that_comes_meanwhile_is_heard_after_it(hearing):
    begun = False
    with pytest.raises(KeyboardInterrupt), deaf_to_ctrl_c():
        signal.raise_signal(signal.SIGINT)
        begun = True
    assert begun
    assert not is_deaf(psutil.Process())


def test_one_that_comes_as_it_begins_leaves_nobody_deaf(hearing, monkeypatch):
    block = signal.pthread_sigmask

    def interrupted(how, signals):
        if signals and how == signal.SIG_BLOCK:
            block(how, signals)
            raise KeyboardInterrupt
        return block(how, signals)

    monkeypatch.setattr(signal, "pthread_sigmask", interrupted)
    with pytest.raises(KeyboardInterrupt), deaf_to_ctrl_c():
        raise AssertionError
    assert not is_deaf(psutil.Process())
