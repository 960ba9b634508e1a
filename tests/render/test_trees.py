"""Trees of any depth as lines whose length is bounded."""

from __future__ import annotations

from cachetui.render.spans import plain
from cachetui.render.trees import DEEPEST_INDENT, tree_lines
from tests.conftest import CatalogOf, build


def test_deep_lines_say_their_depth(catalog_of: CatalogOf) -> None:
    deepest = DEEPEST_INDENT + 1500
    chain = [build(n, f"p{n}", needs=[(f"p{n + 1}", n + 1, "link")]) for n in range(deepest)]
    catalog = catalog_of([*chain, build(deepest, f"p{deepest}")])
    root = catalog.package_rows("p0").start
    lines = [plain(line) for line in tree_lines(catalog, root)]
    assert len(lines) == deepest + 1
    assert f"]  {'    ' * DEEPEST_INDENT}^p{DEEPEST_INDENT}@" in lines[DEEPEST_INDENT]
    assert f"]  {'    ' * DEEPEST_INDENT}[depth 1,550] ^p1550@" in lines[-1]
    assert max(map(len, lines)) < 400
