"""What changes a fingerprint, what does not, and which definition it names."""

import time
from pathlib import Path

import pytest

from pipeline.versions.fingerprint import Changes, compare, package_versions
from tests.pipeline.versions.tree import digest, reached


def test_a_rule_reaches_its_methods_bases_constants_and_used_defaults(tree):
    assert {name.removeprefix("ours.") for name in tree.code().definitions} == {
        "rule:WordCount",
        "rule:WordCount.reasons",
        "rule:WordCount.separators",
        "rule:WordCount.fewest",
        "rule:WordCount.most",
        "limits:LARGEST",
        "base:Rule",
        "base:Rule.keep",
        "words:count",
        "words:helper",
    }
    assert tree.code().packages == ("numpy",)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("rule.py", "n = words", "# a comment\n\n        n = words"),
        (
            "rule.py",
            'np.where(n < self.fewest, "few", None)',
            "np.where(\n n<self.fewest,'few',None)",
        ),
        ("rule.py", '"""Why."""', '"""Another reason.\n\n        On two lines.\n        """'),
        ("rule.py", '"""Why."""', "pass"),
        ("rule.py", '"""Counts words."""', '"""Counts."""'),
        ("rule.py", "self, batch", "self, batch: np.ndarray | None"),
        ("rule.py", "n = words", "n: int = words"),
        ("rule.py", "fewest: int", "fewest: float"),
        ("rule.py", "unused: int = 3", "unused: int = 4"),
        ("rule.py", "unused: int = 3", "unused: int = 3\n    another: int = unheard_of()"),
        ("rule.py", "(1, 2)", "(5, 6)"),
        ("rule.py", "gt=0, description='words'".replace("'", '"'), "gt=1, alias='x'"),
        ("rule.py", 'Field(default=TOP, gt=0, description="words")', "TOP"),
        ("rule.py", "forgotten()", "something_else()"),
        ("rule.py", "import numpy as np", "import json\nimport numpy as np"),
        (
            "words.py",
            "def helper(text):",
            "def helper(text):\n    ...\n    'a string as a comment'",
        ),
        (
            "words.py",
            "def helper(text):",
            "def newcomer():\n    pass\n\ndef helper(text: str) -> int:",
        ),
        ("limits.py", "OTHER = 1", "OTHER = 2"),
        ("limits.py", "LARGEST =", "LARGEST: int ="),
        ("limits.py", "100_000", "100000  # the same"),
    ],
)
def test_what_cannot_change_a_result_changes_nothing(tree, name, old, new):
    before = tree.code()
    tree.edit(name, old, new)
    assert tree.code() == before


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("rule.py", '"few"', '"too few"', "rule:WordCount.reasons"),
        ("rule.py", "int = 50", "int = 51", "rule:WordCount.fewest"),
        ("rule.py", "default=TOP", "default=7", "rule:WordCount.most"),
        ("rule.py", "default=TOP", "default_factory=TOP", "rule:WordCount.most"),
        ("rule.py", '(" ", ', '("", ', "rule:WordCount.separators"),
        ("rule.py", "class WordCount(Rule)", "@np.sealed\nclass WordCount(Rule)", "rule:WordCount"),
        ("words.py", "len(text.split())", "len(text)", "words:helper"),
        ("words.py", "def helper(text):", "def helper(text, n=1):", "words:helper"),
        ("limits.py", "100_000", "100_001", "limits:LARGEST"),
        ("limits.py", "LARGEST = 100_000", "LARGEST = 100_000\nLARGEST += 1", "limits:LARGEST"),
        ("base.py", "return True", "return False", "base:Rule.keep"),
    ],
)
def test_a_change_is_named(tree, name, old, new, changed):
    before = tree.code().definitions
    tree.edit(name, old, new)
    found = compare(before, tree.code().definitions)
    assert f"ours.{changed}" in found.changed
    assert len(found.changed) == 1


def test_a_field_counts_from_when_it_is_used(tree):
    before = tree.code().definitions
    tree.edit("words.py", "len(text.split())", "len(text.split(text.unused))")
    found = compare(before, tree.code().definitions)
    assert found == Changes(("ours.words:helper",), ("ours.rule:WordCount.unused",), ())


def test_an_external_name_that_means_something_else_changes_its_user(tree):
    one = digest(tree, "from math import ceil as whole\ndef f(x): return whole(x)")
    two = digest(tree, "from math import floor as whole\ndef f(x): return whole(x)")
    assert one != two


def test_two_imported_names_that_are_swapped_change_their_user(tree):
    text = "from .words import count as a, helper as b\ndef f(x): return a(x) - b(x)"
    assert digest(tree, text) != digest(
        tree, text.replace("count as a, helper as b", "helper as a, count as b")
    )


def test_what_builds_a_table_belongs_to_it(tree):
    source = "TABLE = {}\nfor n in range(3):\n    TABLE[n] = n * 2\ndef f(x): return TABLE[x]"
    tree.write("one.py", source)
    before = tree.code("ours.one:f").definitions
    tree.write("one.py", source.replace("range(3)", "range(4)"))
    assert "ours.one:TABLE" in compare(before, tree.code("ours.one:f").definitions).changed


def test_the_condition_over_a_constant_counts(tree):
    source = (
        "import sys\nif sys.byteorder == 'little':\n    N = 1\nelse:\n    N = 2\ndef f(): return N"
    )
    tree.write("one.py", source)
    before = tree.code("ours.one:f").definitions
    tree.write("one.py", source.replace("little", "big"))
    assert compare(before, tree.code("ours.one:f").definitions).changed == ("ours.one:N",)


def test_the_order_of_a_named_tuples_fields_counts(tree):
    source = "class Span(NamedTuple):\n    start: int\n    end: int\ndef f(a, b): return Span(a, b)"
    tree.write("one.py", source)
    before = tree.code("ours.one:f").definitions
    tree.write("one.py", source.replace("start", "x").replace("end", "start").replace("x", "end"))
    assert compare(before, tree.code("ours.one:f").definitions).changed == ("ours.one:Span",)


def test_execution_only_modules_count_for_nothing(tree):
    tree.write("storage/__init__.py", "")
    tree.write("storage/local.py", "import obstore\ndef read(): return obstore.get()")
    source = "from ours.storage.local import read\nfrom ours import storage\ndef f(): return read()"
    left_out = reached(tree, source, execution_only=("ours.storage",))
    assert left_out == {"one:f"}
    assert tree.code("ours.one:f", execution_only=("ours.storage",)).packages == ()
    assert tree.code("ours.one:f", execution_only=("ours.stor",)).packages == ("obstore",)


def test_third_party_packages_are_those_that_reached_code_uses(tree):
    source = (
        "import json, torch\nimport pyarrow.compute as pc\nfrom ftfy.fixes import fix\n"
        "def f(x):\n    import numba\n    return pc.add(fix(x), numba.njit, json)\n"
        "def g(x): return torch.tensor(x)"
    )
    tree.write("one.py", source)
    assert tree.code("ours.one:f").packages == ("ftfy", "numba", "pyarrow")


def test_the_tables_of_unicode_count_where_they_are_used(tree):
    tree.write("one.py", "import unicodedata\ndef f(x): return unicodedata.category(x)")
    assert tree.code("ours.one:f").tables == ("unicodedata",)
    assert set(tree.code("ours.one:f").versions()) == {"unicodedata"}
    tree.write("one.py", "def f(x): return x.casefold()")
    assert tree.code("ours.one:f").tables == ("unicodedata",)
    tree.write("one.py", "def f(x): return x")
    assert tree.code("ours.one:f").tables == ()


def test_versions_are_those_of_the_distributions():
    assert package_versions(["pytest"]) == {"pytest": pytest.__version__}
    assert package_versions(["_pytest"]) == {"pytest": pytest.__version__}
    assert package_versions(["no_such_package"]) == {"no_such_package": "absent"}


def test_an_edit_within_one_tick_of_the_clock_is_seen(tree):
    assert digest(tree, "def f(): return 1") != digest(tree, "def f(): return 2")


def test_forty_modules_take_less_than_150_ms_when_warm(tree):
    text = (Path(__file__).parents[3] / "pipeline/versions/statements.py").read_text("utf-8")
    body = text.partition("from pipeline")[0].replace("from typing import TypeAlias", "")
    for n in range(40):
        calls = f"from .m{n + 1} import f as g\n" if n < 39 else "g = str\n"
        methods = "".join(
            f"    def m{k}(self, x): return g(x) + {k} * len(str(x))\n" for k in range(30)
        )
        tree.write(f"m{n}.py", f"{body}{calls}class A:\n{methods}\ndef f(x): return A().m1(g(x))\n")
    tree.code("ours.m0:f")
    took = []
    for _ in range(5):  # the least of them: what it takes where nothing else is in its way
        started = time.process_time()
        assert len(tree.code("ours.m0:f").definitions) > 40 * 31
        took.append(time.process_time() - started)
    assert min(took) < 0.15
