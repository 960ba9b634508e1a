"""The nearest build: agreement with root causes over real DAGs, the order of candidates, old formats."""

from __future__ import annotations

import random
import re

from cachetui.catalog import Catalog
from cachetui.graph import Entry, NearestBuilds, State, Surroundings
from cachetui.graph.causes import root_causes
from cachetui.search import Engine
from cachetui.spec import Spec
from tests.conftest import CatalogOf, build, dag_hash
from tests.graph.conftest import Walked

_NAMED = re.compile(r"[\^%]([\w.-]+)")


def entry(spec: Spec) -> Entry:
    """A spec that is in no cache."""
    return Entry(
        spec.name, spec.version, spec.dag_hash, "", "", None, spec, State.MISSING, (), True, True, False
    )


def nearest(catalog: Catalog, *wanted: Spec) -> tuple[str, tuple[str, ...]]:
    """(the hash of the nearest build to the first spec, what differs)."""
    specs = {spec.dag_hash: spec for spec in wanted}
    found = NearestBuilds(Engine(catalog, {}), specs, Surroundings()).of(entry(wanted[0]))
    assert found is not None
    return found.dag_hash, found.differences


def test_causes_are_root_causes(walked: Walked) -> None:
    """A package that is named differs in itself, or is a dependency that came, went or was switched."""
    catalog = walked.catalog
    packages = [name for name in catalog.packages if len(catalog.package_rows(name)) > 1]
    chosen = random.Random(5)
    for _ in range(60):
        mine, other = chosen.sample(list(catalog.package_rows(chosen.choice(packages))), 2)
        if other not in catalog.in_buildcache:
            continue
        specs = {catalog.dag_hash(row): catalog.spec(row) for row in _closure(catalog, mine)}
        builds = NearestBuilds(Engine(catalog, {}), specs, Surroundings())
        causes = builds._causes(catalog.dag_hash(mine), other, None)
        assert causes
        known: set[str] = {catalog.column("package")[mine]}
        for cause in root_causes(catalog, [mine, other]):
            known.add(cause.name)
            for change in cause.changes:
                known.update(re.findall(r"[\w.-]+", f"{change.what} {change.values}"))
        for text in causes:
            assert set(_NAMED.findall(text)) <= known, text


def _closure(catalog: Catalog, row: int) -> set[int]:
    found, pending = set(), [row]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += [edge.row for edge in catalog.edges(node) if edge.row is not None]
    return found


def test_fewest_causes_then_complete_then_newest(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([
        build(1, version="1.5", os="rhel9"),
        build(2, version="1.4"),
        build(3, version="1.3", needs=[("gone", 99, "link")]),
        build(4, version="1.2", in_buildcache=False),
        build(5, "other", version="1.1"),
    ])  # fmt: skip
    assert nearest(catalog, build(50, version="1.1")) == (dag_hash(2), ("@1.4 instead of 1.1",))


def test_differences_of_a_whole_stack_are_one(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([
        build(1, "app", target="zen3", needs=[("lib", 2, "link")]),
        build(2, "lib", target="zen3", needs=[("base", 3, "link")]),
        build(3, "base", target="zen3", version="2"),
    ])  # fmt: skip
    wanted = (
        build(11, "app", target="zen4", needs=[("lib", 12, "link")]),
        build(12, "lib", target="zen4", needs=[("base", 13, "link")]),
        build(13, "base", target="zen4", version="1"),
    )
    assert nearest(catalog, *wanted) == (
        dag_hash(1),
        ("target zen3 instead of zen4", "^base@2 instead of 1"),
    )


def test_other_providers_compilers_and_prefixes(catalog_of: CatalogOf) -> None:
    from cachetui.spec import Dependency

    def needing(number: int, name: str, target: int, *virtuals: str, version: str = "1") -> tuple[Spec, Spec]:
        edge = Dependency(name, dag_hash(target), ("build", "link"), virtuals)
        own = {"compilers": None, "spec_format": 5}
        return build(number, "app", dependencies=(edge,), **own), build(target, name, version=version, **own)

    for have, want, said in (
        (("mpich", 2, "mpi"), ("openmpi", 12, "mpi"), "^mpich@1 instead of ^openmpi@1"),
        (("gcc", 2, "c"), ("llvm", 12, "c"), "%gcc@1 instead of %llvm@1"),
        (("zlib", 2), ("szip", 12), "without ^szip@1"),
    ):
        catalog = catalog_of(needing(1, *have))
        _, differences = nearest(catalog, *needing(11, *want))
        assert differences[0] == said
    catalog = catalog_of([build(1, needs=[("gcc", 2, "build")]), build(2, "gcc", external="/usr")])
    wanted = (build(11, needs=[("gcc", 12, "build")]), build(12, "gcc", external="/opt"))
    assert nearest(catalog, *wanted)[1] == ("^gcc at /usr instead of /opt",)


def test_a_second_dependency_of_a_name_is_a_difference(catalog_of: CatalogOf) -> None:
    libraries = [build(2, "zlib-ng", version="2.2"), build(3, "zlib-ng", version="2.1")]
    one, two = [("zlib-ng", 2, "link")], [("zlib-ng", 2, "link"), ("zlib-ng", 3, "build")]
    catalog = catalog_of([build(1, needs=one), *libraries])
    assert nearest(catalog, build(9, needs=two), *libraries)[1] == ("without ^zlib-ng@2.1",)
    catalog = catalog_of([build(1, needs=two), *libraries])
    assert nearest(catalog, build(9, needs=one), *libraries)[1] == ("with ^zlib-ng@2.1",)


def test_pages_list_no_dependencies_which_is_no_difference(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, version="1.2", spec_format=0)])
    wanted = (build(11, needs=[("lib", 12, "link")]), build(12, "lib"))
    assert nearest(catalog, *wanted)[1] == ("@1.2 instead of 1.3",)


def test_deep_dags_need_no_recursion(catalog_of: CatalogOf) -> None:
    depth = 3000
    stack = [build(n, f"p{n}", needs=[(f"p{n + 1}", n + 1, "link")]) for n in range(1, depth)]
    catalog = catalog_of([*stack, build(depth, f"p{depth}", version="1")])
    wanted = [build(n + 9000, f"p{n}", needs=[(f"p{n + 1}", n + 9001, "link")]) for n in range(1, depth)]
    wanted.append(build(depth + 9000, f"p{depth}", version="2"))
    assert nearest(catalog, *wanted) == (dag_hash(1), (f"^p{depth}@1 instead of 2",))
