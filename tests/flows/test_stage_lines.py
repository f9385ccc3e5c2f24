"""The line of each stage says in plain words what came of it."""

from io import StringIO

from rich.console import Console

from flows.terminal.run_lines import Terminal
from tests.tiny_corpus import two_windows


def lines(run, *, units=0, there=0):
    """Stage -> what its line says."""
    shown = StringIO()
    terminal = Terminal(run.store, Console(file=shown, width=200))
    for name, stage in run.stages.items():
        if units:
            terminal.started(name, units, there)
        terminal.finished(name, run.store.open(stage.ref), reused=not units)
    said = [line.split(None, 3) for line in shown.getvalue().splitlines()]
    return {words[0]: words[3].rsplit("  ", 1)[0].strip() if units else words[3] for words in said}


def test_pages_that_are_replaced_or_gone_are_told_where_there_are_any():
    _, first, second = two_windows()
    assert lines(first)["pages"].strip() == "30 pages"
    assert lines(second)["pages"].strip() == "30 pages, 2 replaced, 1 gone"


def test_every_stage_counts_documents():
    _, _, second = two_windows()
    said = {name: words.strip() for name, words in lines(second).items()}
    assert said["documents"] == said["signals.language"] == "30 documents"
    assert said["verdicts"] == "28 kept, 2 dropped"
    assert said["clusters"] == "26 kept, 2 dropped"
    assert said["corpus"] == "26 documents"
    assert said["tokens"].startswith("19 documents in ")
    assert said["tokens"].endswith(" held out")
    assert said["tokenizer"] == "300 entries"
    assert "row_map" not in " ".join(said.values())


def test_a_stage_of_which_some_shards_were_there_says_how_many_were_made():
    _, _, second = two_windows()
    said = lines(second, units=1, there=3)
    assert said["documents"] == "30 documents, 1 of 4 shards"
