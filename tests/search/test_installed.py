"""The rows of installed hashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cachetui.catalog import Catalog
from cachetui.search import installed_rows
from tests.conftest import CatalogOf, build, dag_hash


def test_rows_of_hashes_are_those_of_each_alone(real_catalog: Catalog) -> None:
    rows = range(0, len(real_catalog), 7)
    hashes = [real_catalog.dag_hash(row) for row in rows]
    unknown = [dag_hash(5), "", "x", hashes[0][:31], hashes[0].upper(), "é" * 32]
    assert list(installed_rows(real_catalog, [*hashes, *unknown])) == list(rows)


@pytest.mark.parametrize("hashes", [(), ("a",)])
def test_no_rows(catalog_of: CatalogOf, hashes: tuple[str, ...]) -> None:
    assert not installed_rows(catalog_of([build()]), hashes)
    assert not installed_rows(catalog_of([]), [dag_hash(1)])


def test_hash_of_an_unlisted_dependency_is_no_row(real_catalog: Catalog) -> None:
    def unlisted() -> Iterator[str]:
        for row in range(len(real_catalog)):
            for edge in real_catalog.edges(row):
                if edge.row is None and edge.dependency.dag_hash:
                    yield edge.dependency.dag_hash

    assert not installed_rows(real_catalog, unlisted())
