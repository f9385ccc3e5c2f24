"""A page is read as a browser reads it, and its parts are counted as plain code counts them."""

import string

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree, NodeType

from pipeline.extract.page import blocks as counted
from pipeline.extract.page import names
from pipeline.extract.page.blocks import read_blocks
from pipeline.extract.page.choice import chosen
from pipeline.extract.page.coefficients import LINES
from pipeline.extract.page.features import WIDTH, features
from pipeline.extract.page.forest import Forest
from pipeline.extract.page.layout import written
from pipeline.extract.page.tree import DEEPEST, read_tree
from tests.pipeline.extract.page import slow

FOREST = Forest.read(LINES)


def bytes_of(html):
    return np.frombuffer(html.encode("utf-8", "replace"), np.uint8)


def texts(html):
    """Every word of a page with the names of the elements around it, the innermost last."""
    page = bytes_of(html)
    tree = read_tree(page)
    found = []
    for start, stop, element, _, _ in tree.pieces:
        chain = []
        while element:
            chain.append(names.TAGS[tree.tags[element]])
            element = tree.parents[element]
        around = tuple(name for name in chain[::-1] if name not in ("html", "body"))
        found += [(word, around) for word in page[start:stop].tobytes().decode().split()]
    return found


def browsers(html):
    """The same by lexbor, which builds the standard's tree."""

    def visit(node, around):
        if node.type == NodeType.TEXT:
            return [(word, around) for word in node.text.split()]
        inner = around if node.tag in ("html", "body") else (*around, node.tag)
        return [each for child in node.child_nodes for each in visit(child, inner)]

    return visit(HTMLTree.parse(html).body, ())


def without_tbody(found):
    """Browsers put one into every table."""
    return [(word, tuple(name for name in around if name != "tbody")) for word, around in found]


AS_BROWSERS_DO = [
    "<p>a<p>b<div>c</div>d",
    "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
    "<dl><dt>a<dd>b<dt>c</dl>d",
    "<table><tr><td>a<td>b<tr><td>c</table>d",
    "<table><tbody><tr><td><div>a</td><td>b</div></td></tr></tbody></table>c",
    "<p>a<b>b</b>c</p>d<br>e",
    "<div><span>a</div>b",
    "<h1>a<h2>b</h2>c",
    "<p><button>a<p>b</button>c",
    "<!-- x > --><p>a<!---->b<!--->c",
    "<p>1 < 2 <3 a</p><x-y>b</x-y>",
    "<a href='>'>a</a><a href=b>c<a href=d>e",
    "<section><p>a</section>b</p>c",
    "<blockquote><p>a</blockquote>b",
    "</p></div>a",
]


@pytest.mark.parametrize("html", AS_BROWSERS_DO)
def test_elements_end_where_they_do_in_a_browser(html):
    ours = [(word, tuple(name for name in around if name)) for word, around in texts(html)]
    theirs = [
        (word, tuple(name for name in around if name in names.TAGS))
        for word, around in browsers(f"<body>{html}")
    ]
    assert without_tbody(ours) == without_tbody(theirs)


NESTED = st.recursive(
    st.text(string.ascii_lowercase + " ", max_size=6),
    lambda inner: st.tuples(
        st.sampled_from(["div", "section", "ul", "article", "span", "b", "em", "blockquote"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


def markup(part):
    if isinstance(part, str):
        return part
    name, inside = part
    return f'<{name} class="x > y">' + "".join(map(markup, inside)) + f"</{name}>"


@settings(max_examples=150)
@given(NESTED)
def test_a_well_formed_page_is_lexbors_tree(part):
    html = f"<div>{markup(part)}</div>"
    if "<span" not in html and "<b " not in html and "<em" not in html:
        assert texts(html) == browsers(f"<body>{html}")
    assert [word for word, _ in texts(html)] == [word for word, _ in browsers(f"<body>{html}")]


PIECES = ["<", ">", "/", "!", "--", "p", "a", "div", "table", "td", "tr", "li", "script", "title"]
PIECES += [
    " ",
    "=",
    '"',
    "'",
    "&amp;",
    "&nbsp;",
    "&#",
    "é",
    "日",
    "\0",
    "x",
    "pre",
    "style",
    "class",
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("<a")
@example("</")
@example("<!")
@example("<!-")
@example("<a b")
@example("<a b=")
@example("<a class='")
@example("<script><")
@example("<p style=display:none")
def test_no_markup_breaks_it(html):
    page = bytes_of(html)
    tree = read_tree(page)
    blocks = read_blocks(page, tree)
    row = features(tree, blocks)
    assert row.shape == (len(blocks.elements), WIDTH)
    assert np.isfinite(row).all()
    assert (tree.parents <= np.arange(len(tree.parents))).all()
    assert (tree.pieces[:, 0] < tree.pieces[:, 1]).all()
    assert (tree.pieces[:, 1] <= len(page)).all()
    text = written(page, tree, blocks, np.ones(len(row), bool))
    assert len(text.encode()) <= len(page) + 4 * len(row) + 8 * html.count("&")


def test_deep_and_wide_pages_stay_bounded():
    tree = read_tree(bytes_of("<div>" * 60_000 + "a" + "</b>" * 60_000))
    assert len(tree.parents) == DEEPEST
    wide = bytes_of("<p>a<b>b</b>" * 100_000)
    assert len(read_blocks(wide, read_tree(wide)).elements) == 100_000


@settings(max_examples=150)
@given(st.text(string.ascii_letters + string.digits + " .,;!\n", max_size=60), st.booleans())
def test_what_is_counted_is_what_plain_code_counts(text, linked):
    page = bytes_of(f"<p><a>{text}</a>" if linked else f"<p>{text}")
    found = read_blocks(page, read_tree(page)).counts
    expected = slow.counts(text, set(names.STOP_WORDS.split()), linked)
    kinds = (counted.WORDS, counted.LINKED, counted.DIGITS, counted.CAPITALS, counted.COMMON)
    assert [tuple(row[list(kinds)]) for row in found] == ([expected] if text.split() else [])


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_the_forest_is_the_sum_of_its_trees(seed):
    rows = np.random.default_rng(seed).normal(5, 20, (3, WIDTH)).astype(np.float32)
    assert FOREST.odds(rows).tolist() == [slow.odds(FOREST, row) for row in rows]


def test_a_forest_is_read_as_it_was_written():
    again = Forest.read(FOREST.written(80))
    assert all((ours == theirs).all() for ours, theirs in zip(again, FOREST, strict=True))


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.floats(-6, 6, width=32), st.integers(1, 50)), min_size=1, max_size=7),
    st.sampled_from([0.5, 1, 2]),
)
def test_the_best_blocks_of_all_sets_are_chosen(rows, weight):
    odds, words = np.array(rows, np.float32).T
    chances = 1 / (1 + np.exp(-odds.astype(float)))
    keep = np.flatnonzero(chosen(odds, words, weight))
    found = slow.score(chances * words, words, keep, weight**2)
    assert found == pytest.approx(slow.best_score(chances, words, weight), rel=1e-6)


def test_lists_tables_and_code_keep_their_form():
    html = (
        "<p>One  <b>t</b>wo<br>three &amp; &lt;b&gt;</p><ul><li>a<li><p>b</p><p>c</p></ul>"
        "<table><tr><th>k<th>v<tr><td>1<td>2</table><pre>\n  x = 1\n    y</pre>"
    )
    page = bytes_of(html)
    tree = read_tree(page)
    blocks = read_blocks(page, tree)
    text = written(page, tree, blocks, np.ones(len(blocks.elements), bool))
    assert text.replace("\n\n", "\n") == (
        "One two\nthree & <b>\n- a\n- b\nc\nk | v\n1 | 2\n  x = 1\n    y"
    )
