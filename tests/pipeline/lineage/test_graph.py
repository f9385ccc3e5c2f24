"""The drawing of a lineage: everything is there, nothing overlaps, and text stays text."""

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lineage.ancestry import of_refs
from pipeline.lineage.drawing import to_mermaid, to_svg
from pipeline.lineage.graph import Edge, Graph, Node, layers, lineage_graph
from pipeline.lineage.layout import layout
from tests.tiny_corpus import two_windows

SVG = "{http://www.w3.org/2000/svg}"


def graph_of(edges, count):
    nodes = tuple(Node(f"n{i}", "0" * 12, "1 document", "", 1) for i in range(count))
    return Graph(nodes, tuple(Edge(f"n{a}", f"n{b}", "role") for a, b in sorted(edges)))


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 9))
    pairs = [(a, b) for b in range(count) for a in range(b)]
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return graph_of(edges, count)


@given(graphs())
@settings(max_examples=60)
def test_nodes_have_places_of_their_own_and_edges_run_to_the_right(graph):
    laid = layout(graph)
    column = layers(graph)
    assert len(set(laid.places.values())) == len(graph.nodes)
    for edge, path in laid.paths.items():
        steps = [step for step, _ in path]
        assert steps == list(range(column[edge.source], column[edge.reader] + 1))
        between = set(path[1:-1])
        assert between.isdisjoint(laid.places.values())


@given(graphs())
@settings(max_examples=20)
def test_any_graph_is_drawn_whole(graph):
    root = ElementTree.fromstring(to_svg(graph))
    assert len(root.findall(f".//{SVG}rect")) == len(graph.nodes)
    assert len(root.findall(f"{SVG}path")) == len(graph.edges)


def test_the_graph_of_a_run_tells_sizes_and_drops():
    _, _, run = two_windows()
    line = of_refs(run.store, [stage.ref for stage in run.stages.values()])
    graph = lineage_graph(run.store, line)
    nodes = {node.name: node for node in graph.nodes}
    assert nodes["verdicts"].size == "28 kept"
    assert nodes["pages"].size == "30 pages"
    assert nodes["verdicts"].left == "2 dropped"
    assert nodes["corpus"].size == "26 documents"
    assert nodes["tokenizer"].size == "tokenizer.json"
    drawn = to_svg(graph) + to_mermaid(graph)
    assert all(f"{name}" in drawn for name in nodes)
    assert to_mermaid(graph).count("-->") == len(graph.edges)


def test_names_cannot_break_out_of_the_drawing():
    name = '<script>"]; click n0 "javascript:x" &amp; `'
    graph = Graph((Node(name, "0" * 12, name, name, 1),), ())
    root = ElementTree.fromstring(to_svg(graph))
    assert [text.text for text in root.findall(f".//{SVG}text")] == [name] * 3
    assert not any("script" in each.tag for each in root.iter())
    (line,) = to_mermaid(graph).splitlines()[1:]
    assert line.count('"') == 2
    assert "<script" not in line
