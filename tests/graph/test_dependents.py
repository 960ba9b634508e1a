"""What depends on a build: as the real Spack says, and random DAGs against a naive walk."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cachetui.catalog import Catalog
from cachetui.graph import used_by
from cachetui.spec import DEPTYPES
from tests.conftest import CatalogOf, build, dag_hash
from tests.graph.conftest import Walked

TRANSITIVE = {
    "link_run": ("link", "run"),
    "all": DEPTYPES,
    "build": ("build",),
    "link": ("link",),
    "run": ("run",),
}


def hashes(catalog: Catalog, rows: Iterable[int]) -> list[str]:
    return sorted(map(catalog.dag_hash, rows))


@pytest.mark.parametrize("name", TRANSITIVE)
def test_dependents_of_spack(name: str, walked: Walked) -> None:
    assert len(walked.walks["dependents"]) == 13
    for each, expected in walked.walks["dependents"].items():
        found = used_by(walked.catalog, walked.catalog.row_of(each), TRANSITIVE[name])
        assert hashes(walked.catalog, found.transitive) == walked.recorded(expected["transitive"][name])
        for deptype in DEPTYPES:
            recorded = walked.recorded(expected["direct"][deptype])
            assert hashes(walked.catalog, found.direct[deptype]) == recorded


def test_link_and_run_are_followed_by_default(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1, "a", needs=[("b", 2, "build")]),
            build(2, "b", needs=[("c", 3, "run")]),
            build(3, "c", needs=[("d", 4, "link", "test")]),
            build(4, "d"),
        ]
    )
    row = catalog.row_of(dag_hash(4))
    found = used_by(catalog, row)
    assert hashes(catalog, found.transitive) == [dag_hash(2), dag_hash(3)]
    assert {deptype: hashes(catalog, rows) for deptype, rows in found.direct.items()} == {
        "build": [],
        "link": [dag_hash(3)],
        "run": [],
        "test": [dag_hash(3)],
    }
    assert hashes(catalog, used_by(catalog, row, DEPTYPES).transitive) == [*map(dag_hash, (1, 2, 3))]
    assert hashes(catalog, used_by(catalog, row, ["test"]).transitive) == [dag_hash(3)]
    assert hashes(catalog, used_by(catalog, row, ["build", "link", "run"]).transitive) == [
        *map(dag_hash, (1, 2, 3))
    ]


def test_cycle_ends(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, "a", needs=[("b", 2, "build")]), build(2, "b", needs=[("a", 1, "build")])])
    for deptypes in (["build"], DEPTYPES):
        found = used_by(catalog, 0, deptypes)
        assert hashes(catalog, found.transitive) == [dag_hash(1), dag_hash(2)]
