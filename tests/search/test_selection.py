"""The selection, and what it finds whose text is that of a spec."""

from __future__ import annotations

import pytest

from cachetui.catalog import Catalog
from cachetui.search import Choice, Engine, Selection

# The text of a spec as a query


@pytest.mark.parametrize("exact", [True, False])
def test_the_text_of_a_spec_finds_it(exact: bool, real_catalog: Catalog) -> None:
    engine = Engine(real_catalog)
    texts = {row: real_catalog.spec(row).text() for row in real_catalog.listed}
    assert len(texts) > 300
    for row, text in texts.items():
        result = engine.select(Selection(text, package=None, exact=exact))
        assert row in result.rows, text
        assert [reading.unmet for reading in result.readings] == [frozenset()]
        alike = {other for other in texts if texts[other] == text}
        assert set(result.rows) >= alike


def test_what_else_the_text_of_a_spec_finds_is_of_its_package(real_catalog: Catalog) -> None:
    engine = Engine(real_catalog)
    for row in real_catalog.listed:
        spec = real_catalog.spec(row)
        for other in engine.select(Selection(spec.text(), exact=True)).rows:
            found = real_catalog.spec(other)
            for part in ("name", "platform", "os", "target"):
                assert getattr(found, part) == getattr(spec, part)
            assert set(spec.variants) <= set(found.variants)


# The selection itself


def test_toggling() -> None:
    once = Selection().toggling("os", "rhel8")
    assert once.choices == (Choice("os", "rhel8"),)
    assert once.toggling("os", "rhel8") == Selection()
    excluded = once.toggling("os", "rhel8", excluded=True)
    assert excluded.choices == (Choice("os", "rhel8", excluded=True),)
    both = once.toggling("target", "zen4").toggling("os", "ubuntu22.04")
    assert [choice.value for choice in both.choices] == ["rhel8", "zen4", "ubuntu22.04"]
    assert both.choice("os", "rhel8") == Choice("os", "rhel8")
    assert both.choice("os", "zen4") is None
    assert both.without_choices("os").choices == (Choice("target", "zen4"),)
    assert both.without_choices() == Selection()


@pytest.mark.parametrize(
    ("column", "newest_first"),
    [("version", True), ("^openssl", True), ("os", False), ("compiler", False), ("mpi", False)],
)
def test_sorting(column: str, newest_first: bool) -> None:
    first = Selection().sorted_by(column)
    assert (first.sort, first.descending) == (column, newest_first)
    second = first.sorted_by(column)
    assert (second.sort, second.descending) == (column, not newest_first)
    assert (first.reversed(), second.reversed()) == (second, first)
    assert second.sorted_by(column) == Selection()
    assert second.sorted_by("target") == Selection(sort="target")


def test_other_text_keeps_the_choices() -> None:
    before = Selection("a", package="b", exact=True, sort="os").toggling("os", "rhel8")
    after = before.with_text("c")
    assert (after.text, after.package, after.choices, after.sort) == ("c", None, before.choices, "os")
    assert after.with_package("d").package == "d"
    assert before.package == "b"
