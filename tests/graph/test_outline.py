"""Trees that are folded and unfolded, against a naive drawing of the same state."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.graph import DependencyBranches, DependentBranches, Outline, TreeLine, dependency_tree
from cachetui.graph.outline import WIDEST_GUIDE
from tests.conftest import CatalogOf, build, dag_hash
from tests.graph.conftest import Walked

SIZE = 6


class Drawn:
    """A DAG given as children by node; 0 is the root."""

    root = 0

    def __init__(self, below: Sequence[Sequence[int]]) -> None:
        self.below = below

    def children(self, node: int) -> Sequence[int]:
        return self.below[node]

    def node(self, node: int, parent: int | None) -> TreeLine:
        return TreeLine(0, node, f"{node} of {parent}", "", frozenset())


def drawn(outline: Outline) -> list[str]:
    """The lines as text: a star stands behind a node that has its place elsewhere."""
    return [
        f"{outline.guide(line)}{outline.nodes[line]}{'*' if outline.is_repeated(line) else ''}"
        for line in range(len(outline))
    ]


def test_branches_are_drawn_and_folded() -> None:
    outline = Outline(Drawn([[1, 2], [3, 4], [4], [], []]))
    assert drawn(outline) == ["0", "├ 1", "└ 2"]
    assert outline.unfold(1)
    assert drawn(outline) == ["0", "├ 1", "│ ├ 3", "│ └ 4", "└ 2"]
    assert outline.unfold(4)
    assert drawn(outline) == ["0", "├ 1", "│ ├ 3", "│ └ 4", "└ 2", "  └ 4*"]
    assert [outline.parent(line) for line in range(6)] == [0, 0, 1, 1, 0, 4]
    assert outline.own_line(5) == 3
    assert outline.node(5).name == "4 of 2"
    assert outline.fold(0)
    assert drawn(outline) == ["0"]
    outline.unfold_all()
    assert drawn(outline) == ["0", "├ 1", "│ ├ 3", "│ └ 4", "└ 2", "  └ 4*"]


def test_what_has_nothing_below_is_neither_folded_nor_unfolded() -> None:
    outline = Outline(Drawn([[1], [2], [], []]))
    outline.unfold_all()
    assert (outline.unfold(2), outline.fold(2), outline.can_unfold(2)) == (False, False, False)
    assert (outline.unfold(1), outline.is_unfolded(1), outline.can_unfold(1)) == (False, True, False)
    assert outline.fold(1) and outline.can_unfold(1) and not outline.is_unfolded(1)


def test_root_without_branches() -> None:
    outline = Outline(Drawn([[]]))
    assert drawn(outline) == ["0"]
    assert (outline.parent(0), outline.can_unfold(0)) == (0, False)


def test_node_that_lost_its_place_gets_it_back() -> None:
    outline = Outline(Drawn([[1, 2], [3], [3], [4], []]))
    outline.unfold(1)
    outline.unfold(3)
    assert drawn(outline) == ["0", "├ 1", "│ └ 3", "└ 2", "  └ 3*"]
    outline.fold(1)
    assert outline.own_line(3) == 3
    outline.fold(2)
    outline.unfold(2)
    assert drawn(outline) == ["0", "├ 1", "└ 2", "  └ 3"]


def _dags() -> st.SearchStrategy[list[list[int]]]:
    """Children with greater numbers than their parent, each once."""
    return st.tuples(
        *(
            st.lists(st.integers(node + 1, SIZE), unique=True).map(sorted) if node < SIZE else st.just([])
            for node in range(SIZE + 1)
        )
    ).map(list)


@given(_dags(), st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=12))
def test_as_a_naive_list(below: list[list[int]], steps: list[tuple[bool, int]]) -> None:
    outline = Outline(Drawn(below))
    lines = [(0, 0, False), *((1, node, False) for node in below[0])]
    for unfolds, number in steps:
        place = number % len(lines)
        depth, node, is_repeated = lines[place]
        end = next((n for n in range(place + 1, len(lines)) if lines[n][0] <= depth), len(lines))
        if unfolds and end == place + 1 and not is_repeated and below[node]:
            shown = {other for _, other, repeated in lines if not repeated}
            lines[end:end] = [(depth + 1, child, child in shown) for child in below[node]]
            assert outline.unfold(place)
        elif not unfolds and end > place + 1:
            del lines[place + 1 : end]
            assert outline.fold(place)
        else:
            assert not (outline.unfold(place) if unfolds else outline.fold(place))
        found = [
            (outline.depths[line], outline.nodes[line], outline.is_repeated(line))
            for line in range(len(outline))
        ]
        assert found == lines


def test_unfolded_dependencies_are_the_tree_of_spack(walked: Walked) -> None:
    for each in walked.walks["closures"]:
        row = walked.catalog.row_of(each)
        for deptypes in (None, ("link", "run")):
            outline = Outline(DependencyBranches(walked.catalog, row, deptypes))
            outline.unfold_all()
            found = [(outline.depths[line], outline.node(line)) for line in range(len(outline))]
            expected = list(dependency_tree(walked.catalog, row, deptypes))
            assert found == [(line.depth, line) for line in expected]


def test_a_chain_of_thousands_is_drawn_in_few_cells() -> None:
    depth = 5000
    outline = Outline(Drawn([*([node + 1] for node in range(depth)), []]))
    outline.unfold_all()
    assert outline.depths[-1] == depth
    assert max(len(outline.guide(line)) for line in range(depth)) <= WIDEST_GUIDE + 2
    assert outline.guide(depth).startswith("… ")
    assert outline.parent(depth) == depth - 1


def test_dependents(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "top", needs=[("middle", 2, "run"), ("zlib", 3, "build")]),
            build(2, "middle", needs=[("zlib", 3, "build", "link")]),
            build(3, "zlib"),
        ]
    )
    outline = Outline(DependentBranches(catalog, catalog.row_of(dag_hash(3))))
    assert _nodes(catalog, outline) == [("zlib", set()), ("middle", {"build", "link"}), ("top", {"build"})]
    outline.unfold(1)
    assert _nodes(catalog, outline)[2] == ("top", {"run"})
    assert outline.is_repeated(2) and outline.own_line(2) == 3
    linked = Outline(DependentBranches(catalog, catalog.row_of(dag_hash(3)), ["link"]))
    assert _nodes(catalog, linked) == [("zlib", set()), ("middle", {"build", "link"})]
    assert not linked.can_unfold(1)


def _nodes(catalog: Catalog, outline: Outline) -> list[tuple[str, set[str]]]:
    nodes = [outline.node(line) for line in range(len(outline))]
    return [(node.name, set(node.deptypes)) for node in nodes]
