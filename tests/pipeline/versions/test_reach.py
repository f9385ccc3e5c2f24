"""Which definitions a piece of code reaches, through every form of mention."""

import pytest

from pipeline.versions.fingerprint import compare
from tests.pipeline.versions.tree import reached


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


@pytest.mark.parametrize(
    "inside",
    [
        "from .words import helper\n    return helper(x)",
        "from . import words\n    return words.helper(x)",
    ],
)
def test_a_changed_function_that_only_an_import_inside_a_function_leads_to_is_named(tree, inside):
    tree.write("two.py", f"def g(x):\n    {inside}\n")
    tree.write("one.py", "def f(x):\n    from ours.two import g\n    return g(x)\n")
    before = tree.code("ours.one:f").definitions
    tree.edit("words.py", "len(text.split())", "len(text)")
    found = compare(before, tree.code("ours.one:f").definitions)
    assert found.changed == ("ours.words:helper",)


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
