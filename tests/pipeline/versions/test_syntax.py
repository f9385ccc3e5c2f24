"""What counts as the same syntax: ways to write it, not what it says."""

import pytest

from tests.pipeline.versions.tree import digest


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
