"""What changes a fingerprint, what does not, and which definition it names."""

import textwrap
import time
from pathlib import Path

import pytest

from pipeline.versions.errors import StarImport, UnknownDefinition, UnreadableSource
from pipeline.versions.fingerprint import Changes, compare, fingerprint, package_versions

RULE = '''
"""A rule."""
from typing import ClassVar

import numpy as np

from ours import words
from ours.base import Rule
from .limits import LARGEST as TOP


class WordCount(Rule):
    """Counts words."""

    fewest: int = 50
    most: int = Field(default=TOP, gt=0, description="words")
    unused: int = 3
    examples: ClassVar = ((1, 2), (3, 4))
    separators = (" ", "\\n")

    def reasons(self, batch):
        """Why."""
        n = words.count(batch, self.separators)
        return np.where(n < self.fewest, "few", None) + self.most


def nobody_calls_this():
    return forgotten()
'''
FILES = {
    "__init__.py": '"""Ours."""\n',
    "rule.py": RULE,
    "words.py": "def count(text, separators):\n    return helper(text)\n\n"
    "def helper(text):\n    return len(text.split())\n",
    "limits.py": "LARGEST = 100_000\nOTHER = 1\n",
    "base.py": "class Rule:\n    def keep(self):\n        return True\n",
}


class Tree:
    """A package `ours` on disk, and what its rule's fingerprint is now."""

    def __init__(self, root: Path) -> None:
        self.root = root / "ours"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def code(self, *entries, **settings):
        return fingerprint(entries or ["ours.rule:WordCount"], {"ours": self.root}, **settings)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def reached(tree, source, **settings):
    """What the function `f` of a module with this source reaches, without `ours`."""
    tree.write("one.py", source)
    names = tree.code("ours.one:f", **settings).definitions
    return {name.removeprefix("ours.") for name in names}


def digest(tree, source):
    tree.write("one.py", source)
    return tree.code("ours.one:f").definitions["ours.one:f"]


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


@pytest.mark.parametrize(
    "source",
    [
        "from .words import helper\ndef f(x): return helper(x)",
        "from ours.words import helper as h\ndef f(x): return h(x)",
        "import ours.words\ndef f(x): return ours.words.helper(x)",
        "import ours.words as w\ndef f(x): return w.helper(x)",
        "from . import words\ndef f(x): return words.helper(x)",
        "def f(x):\n    from ours import words\n    return [words.helper(y) for y in x]",
        "def f(x):\n    from .words import helper\n    def g(): return helper(x)\n    return g()",
        "def f(x):\n    import ours.words\n    return ours.words.helper(x)",
        "from .words import helper\ndef f(x, h=helper): return h(x)",
        "from .words import helper\n@helper\ndef f(x): return x",
        "from .words import helper\ndef f(x): return [helper for helper in helper(x)]",
        "from .words import helper\nf = lambda x: helper(x)",
        "try:\n    import gone\nexcept ImportError:\n    from .words import helper\n"
        "def f(x): return helper(x)",
        "from .words import helper\nclass f:\n    @property\n    def g(self): return helper(self)",
    ],
)
def test_every_form_of_mention_is_followed(tree, source):
    assert "words:helper" in reached(tree, source)


@pytest.mark.parametrize(
    "source",
    [
        "from .words import helper\ndef f(helper): return helper",
        "from .words import helper\ndef f(x): return [helper for helper in x]",
        "from .words import helper\ndef f(x):\n    helper = x\n    return helper",
        "from .words import helper\ndef f(x: helper) -> helper: return x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .words import helper\n"
        "def f(x): return helper",
        "import typing\nif typing.TYPE_CHECKING:\n    from gone import *\ndef f(x): return x",
        "from .words import helper\ndef f(x): return x.helper",
        "from .words import helper\ndef f(x): return x\nif __name__ == '__main__':\n    helper(f)",
    ],
)
def test_what_is_not_mentioned_is_not_reached(tree, source):
    assert "words:helper" not in reached(tree, source)


def test_names_are_followed_through_reexports(tree):
    tree.write("__init__.py", "from . import words\nfrom .words import helper as aid\n")
    assert "words:helper" in reached(tree, "from ours import aid\ndef f(x): return aid(x)")
    assert "words:helper" in reached(
        tree, "from ours import words\ndef f(x): return words.helper(x)"
    )


def test_a_module_that_is_passed_around_counts_whole(tree):
    names = reached(tree, "from . import words\ndef f(x): return x(words)")
    assert {"words:count", "words:helper"} <= names


def test_code_that_goes_round_in_a_circle_is_followed_once(tree):
    tree.write("two.py", "from .one import f\ndef g(x): return f(x)")
    assert reached(tree, "from .two import g\ndef f(x): return g(f)") == {"one:f", "two:g"}


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


def test_a_used_fields_type_leads_to_its_own_used_defaults(tree):
    tree.write(
        "one.py",
        "class Limits:\n    depth: int = 3\n    bytes: int = 4\n    def other(self): pass\n"
        "class Stage:\n    limits: 'Limits | None'\n    def make(self): return self.limits.depth\n",
    )
    names = tree.code("ours.one:Stage").definitions
    assert "ours.one:Limits.depth" in names
    assert not {"ours.one:Limits.bytes", "ours.one:Limits.other"} & names.keys()


def test_a_class_that_dumps_itself_uses_all_its_fields(tree):
    tree.write("one.py", "class A:\n    n: int = 3\n    def f(self): return self.model_dump()\n")
    assert "ours.one:A.n" in tree.code("ours.one:A").definitions


def test_a_method_as_an_entry_brings_only_what_it_mentions(tree):
    tree.write(
        "one.py",
        "class A:\n    def f(self): return self.g()\n    def g(self): return 1\n"
        "    def h(self): return 2\n    def __init__(self): pass\n",
    )
    names = {name.partition(":")[2] for name in tree.code("ours.one:A.f").definitions}
    assert names == {"A", "A.__init__", "A.f", "A.g"}


@pytest.mark.parametrize(
    "same",
    [
        ('f"{x}" "b"', "f'{x}b'"),
        ('f"a" "b"', 'f"ab"'),
        ('f"{x:}"', 'f"{x}"'),
        ('f"{{{x}}}"', '"{" f"{x}" "}"'),
        ('f"{x:>{y}}"', 'f"{x:>{  y}}"'),
        ('u"a"', "'a'"),
        ("(x)", "x"),
        ("0x10", "16"),
    ],
)
def test_ways_to_write_the_same_have_one_fingerprint(tree, same):
    one, two = (digest(tree, f"def f(x, y): return {text}") for text in same)
    assert one == two


@pytest.mark.parametrize(
    "texts",
    [
        ("1", "1.0", "True", "'1'", "b'1'", "1j", "None", "...", "0"),
        ('f"{x}"', 'f"{x!r}"', 'f"{x=}"', 'f"{x:>3}"', 'f"{x}{y}"', 'f"{x}{{y}}"', '"{x}"'),
        ("x[y]", "x[y:]", "x[:y]", "x[::y]", "(x, y)", "[x, y]", "{x, y}", "{x: y}", "{**x}"),
        ("x - y", "y - x", "x - -y", "not x", "x(y)", "x(*y)", "x(**y)", "x(y=y)", "x.y"),
    ],
)
def test_different_code_has_different_fingerprints(tree, texts):
    assert len({digest(tree, f"def f(x, y): return {text}") for text in texts}) == len(texts)


def test_deep_code_is_read(tree):
    digest(tree, "def f(x): return " + " + ".join(["x"] * 900))


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


@pytest.mark.parametrize("line", ["from .words import *", "from math import *"])
def test_a_star_import_is_refused_with_its_file(tree, line):
    tree.write("one.py", f"'''One.'''\n{line}\ndef f(): pass")
    with pytest.raises(StarImport, match=r"one\.py, line 2"):
        tree.code("ours.one:f")


@pytest.mark.parametrize(
    "entry", ["ours.rule:Gone", "ours.gone:f", "theirs.rule:f", "ours.rule:WordCount.gone"]
)
def test_an_entry_that_is_not_there_is_an_error(tree, entry):
    with pytest.raises(UnknownDefinition, match=entry):
        tree.code(entry)


@pytest.mark.parametrize("line", ["from .words import gone", "import ours.gone as gone"])
def test_an_import_of_ours_that_is_not_there_is_an_error(tree, line):
    with pytest.raises(UnknownDefinition, match=r"ours.*gone"):
        reached(tree, f"{line}\ndef f(x): return gone.x")


def test_a_file_that_is_not_python_is_named(tree):
    with pytest.raises(UnreadableSource, match=r"one\.py"):
        reached(tree, "def f(:")


def test_reading_never_runs_the_code(tree, tmp_path):
    reached(tree, f"open({str(tmp_path / 'ran')!r}, 'w')\ndef f(): pass")
    assert not (tmp_path / "ran").exists()


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
    started = time.process_time()
    assert len(tree.code("ours.m0:f").definitions) > 40 * 31
    assert time.process_time() - started < 0.15
