"""What a stage imports only when it works is part of its version all the same."""

import pytest

from pipeline.crawl.sources.web import Web
from pipeline.crawl.stage import Pages
from pipeline.dedup.clusters import Clusters
from pipeline.extract.stage import Documents
from pipeline.shard.tokens import TrainTokens
from pipeline.signals.family import Family
from pipeline.signals.stage import Signals
from tests.edited_code import EditedCode

STAGES = {
    "documents": Documents(),
    "clusters": Clusters(),
    "tokens": TrainTokens(),
    "pages": Pages(source=Web(seeds=("http://127.0.0.1/",), loopback=True)),
    **{kind: Signals(family=Family.parse(kind)) for kind in ("words", "repetition", "language")},
}


@pytest.mark.parametrize(
    ("stage", "file", "old", "new", "changed"),
    [
        ("documents", "extract/tags.py", "FOREIGN = range(6)", "FOREIGN = range(1, 7)", "tags:RAW"),
        ("documents", "extract/wikitext.py", '("p", "div",', '("p",', "wikitext:BLOCK_TAGS"),
        ("documents", "extract/encoding.py", "BROKEN = 0.1", "BROKEN = 0.2", "encoding:BROKEN"),
        ("documents", "extract/repair.py", "def repair(", "@print\ndef repair(", "repair:repair"),
        ("documents", "extract/page/names.py", "the of and", "the and", "names:STOP_WORDS"),
        ("documents", "extract/page/coefficients.py", "LINES = (", "LINES = () + (", ":LINES"),
        ("words", "signals/kernels/lines.py", "SHORT_COLUMNS = ", "SHORT_COLUMNS = 2 * ", "SHORT"),
        ("words", "signals/kernels/words.py", "seen |= kind", "seen = kind", "words:_run"),
        ("repetition", "signals/kernels/shares.py", "DUPLICATE = (5,", "DUPLICATE = (4,", "DUPLI"),
        ("repetition", "signals/kernels/spans.py", "@part", "@part()", "spans:span_room"),
        ("language", "signals/kernels/scripts.py", "0x33500", "0x33400", "scripts:BLOCKS"),
        ("clusters", "dedup/pairs.py", "KEPT = -1", "KEPT = -2", "pairs:KEPT"),
        ("tokens", "shard/word_table.py", "LONGEST = 96", "LONGEST = 95", "word_table:LONGEST"),
        ("tokens", "shard/characters.py", "0x40000", "0x30000", "characters:_PLANES"),
        ("pages", "crawl/address.py", '"10.0.0.0/8",', "", "address:CLOSED_V4"),
        ("pages", "crawl/fetch.py", "TRANSIENT = ", "TRANSIENT = () and ", "fetch:TRANSIENT"),
    ],
)
def test_a_change_behind_a_late_import_changes_the_version(
    tmp_path, stage, file, old, new, changed
):
    found = EditedCode(tmp_path).edit(STAGES[stage], f"pipeline/{file}", old, new)
    assert changed in " ".join(found.changed)


@pytest.mark.parametrize(
    ("stage", "packages"),
    [
        (
            "documents",
            {
                *("lxml", "ftfy", "numba", "charset-normalizer", "resiliparse"),
                "mwparserfromhell",
            },
        ),
        ("words", {"numba", "numpy", "pyarrow"}),
        ("tokens", {"numba", "numpy", "pyarrow", "tokenizers"}),
        ("language", {"pycld2", "langdetect", "numba"}),
        ("pages", {"httpcore2", "ada-url", "google-re2"}),
    ],
)
def test_the_versions_of_packages_behind_late_imports_are_known(tmp_path, stage, packages):
    versions = EditedCode(tmp_path).code(STAGES[stage]).versions()
    assert packages <= versions.keys()
    assert "absent" not in versions.values()
