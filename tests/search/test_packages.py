"""The packages of a result: counted one by one, and found by name."""

from __future__ import annotations

import pytest
from pyroaring import BitMap

from cachetui.search import PackageCount
from cachetui.search.packages import packages_by_name
from tests.conftest import CatalogOf, build

NAMES = ("abinit", "cmake", "hdf5", "zlib")


@pytest.mark.parametrize("selected", [None, "", "hdf5", "cmake", "gone"])
def test_packages_by_name(selected: str | None, catalog_of: CatalogOf) -> None:
    catalog = catalog_of(build(number, NAMES[number % 4]) for number in range(20))
    matching = BitMap([*catalog.package_rows("abinit"), *catalog.package_rows("hdf5")[2:]])
    found = packages_by_name(catalog, matching, selected)
    counts = {"abinit": 5, "cmake": 0, "hdf5": 3}
    shown = [name for name in counts if counts[name] or name == selected]
    assert list(found) == found[:] == [PackageCount(name, counts[name], 5) for name in shown]
    assert (len(found), found.guesses) == (len(shown), len(shown))
    for name in (*NAMES, "gone"):
        assert found.place_of(name) == (shown.index(name) if name in shown else None)
