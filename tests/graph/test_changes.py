"""What came, went or changed between two sets of builds: as comparing sets of hashes says."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.graph import Builds, Changes, Kind, builds_of, builds_with
from cachetui.spec import Place, Spec
from tests.conftest import CatalogOf, build


def hashes(catalog: Catalog, rows: Iterable[int]) -> set[str]:
    return set(map(catalog.dag_hash, rows))


def check(changes: Changes) -> None:
    """Compare with what sets of hashes say."""
    before, after = changes.before, changes.after
    old, new = (hashes(side.catalog, side.rows) for side in (before, after))
    assert hashes(after.catalog, changes.came) == new - old
    assert hashes(before.catalog, changes.went) == old - new
    assert changes.kept == len(old & new)
    names: dict[str, list[set[str]]] = {}
    for number, side in enumerate((before, after)):
        for row in side.rows:
            spec = side.catalog.spec(row)
            names.setdefault(spec.name, [set(), set()])[number].add(spec.dag_hash)
    expected = {
        name: (len(has - had), len(had - has), len(had & has))
        for name, (had, has) in names.items()
        if had != has
    }
    found = {package.name: (package.came, package.went, package.kept) for package in changes.packages}
    assert found == expected and list(found) == sorted(found)
    for package in changes.packages:
        had, has = names[package.name]
        kind = Kind.CHANGED if had and has else Kind.CAME if has else Kind.WENT
        assert package.kind is kind
        came, went = changes.rows_of(package.name)
        assert hashes(after.catalog, came) == has - had and hashes(before.catalog, went) == had - has
        check_versions(changes, package.name)


def check_versions(changes: Changes, package: str) -> None:
    had, has = (
        {side.catalog.spec(row).version for row in side.rows if side.catalog.spec(row).name == package}
        for side in (changes.before, changes.after)
    )
    versions = changes.versions(package)
    assert set(versions.came) == has - had and set(versions.went) == had - has
    assert len(versions.came) == len(has - had)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_two_sets_of_one_catalog(real_catalog: Catalog, data: st.DataObject) -> None:
    rows = st.sets(st.integers(0, len(real_catalog) - 1), max_size=40).map(BitMap)
    check(Changes(*(Builds("", real_catalog, data.draw(rows)) for _ in range(2))))


def test_two_catalogs(real_specs: list[Spec], catalog_of: CatalogOf) -> None:
    first, second = catalog_of(real_specs[::2]), catalog_of([*real_specs[::3], *real_specs[1::4]])
    for before, after in ((first, second), (second, first)):
        check(Changes(builds_of(before, "before"), builds_of(after, "after")))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unlisted", [0.0, 0.1])
def test_random_catalogs(catalog_of: CatalogOf, seed: int, unlisted: float) -> None:
    """Few packages of many builds: most rows are equal at the beginning and at the end of a package."""
    random = Random(seed)
    specs = [build(number, random.choice("abc")) for number in random.sample(range(1, 5000), 60)]
    first, second = (
        catalog_of(
            replace(spec, in_buildcache=random.random() >= unlisted)
            for spec in specs
            if random.random() < 0.9
        )
        for _ in range(2)
    )
    check(Changes(builds_of(first, ""), builds_of(second, "")))
    check(Changes(builds_of(first, ""), builds_of(first, "")))


def test_equal_catalogs_have_no_changes(real_specs: list[Spec], catalog_of: CatalogOf) -> None:
    first, second = catalog_of(real_specs), catalog_of(reversed(real_specs))
    changes = Changes(builds_of(first, ""), builds_of(second, ""))
    assert (changes.packages, len(changes.came), len(changes.went)) == ([], 0, 0)
    assert changes.kept == len(first.listed)


def test_builds_that_are_listed_no_longer_went(catalog_of: CatalogOf) -> None:
    specs = [build(1, "a"), build(2, "a"), build(3, "b")]
    first = catalog_of(specs)
    second = catalog_of([replace(specs[0], in_buildcache=False), specs[1], specs[2]])
    changes = Changes(builds_of(first, ""), builds_of(second, ""))
    check(changes)
    assert [(package.name, package.went) for package in changes.packages] == [("a", 1)]


def test_empty_catalogs_can_be_compared(catalog_of: CatalogOf) -> None:
    empty, full = catalog_of([]), catalog_of([build(1, "a")])
    check(Changes(builds_of(empty, ""), builds_of(full, "")))
    check(Changes(builds_of(full, ""), builds_of(empty, "")))
    check(Changes(builds_of(empty, ""), builds_of(empty, "")))


def test_tags_of_one_catalog(catalog_of: CatalogOf) -> None:
    old, new = Place(tag="v1"), Place(tag="v2")
    catalog = catalog_of(
        [
            build(1, "a", version="1.9", places=(old,)),
            build(2, "a", version="1.10", places=(new,)),
            build(3, "b", places=(old, new)),
            build(4, "c", places=(new,)),
            build(5, "d", places=(old,)),
            build(6, "e", places=(old,)),
            build(7, "e", places=(new,), os="rhel9"),
        ]
    )
    changes = Changes(builds_with(catalog, "tag", "v1"), builds_with(catalog, "tag", "v2"))
    check(changes)
    kinds = {package.name: package.kind.value for package in changes.packages}
    assert kinds == {"a": "changed", "c": "came", "d": "went", "e": "changed"}
    assert (changes.versions("a").came, changes.versions("a").went) == (["1.10"], ["1.9"])
    assert (changes.versions("e").came, changes.versions("e").went) == ([], [])
