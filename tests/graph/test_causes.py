"""Root causes: every node that differs in itself, and no other; what the summary makes of them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.catalog.schema import unpack_hash
from cachetui.graph import Comparison, compare
from cachetui.spec import Dependency, Spec
from tests.conftest import CatalogOf, build, dag_hash

# An independent walk over plain specs

Own = tuple[Any, ...]
Group = list[frozenset[str]]


def own(spec: Spec) -> Own:
    """What a node has of its own."""
    return (
        spec.version,
        spec.compilers if spec.spec_format < 5 else None,
        (spec.platform, spec.os, spec.target),
        (spec.variants, spec.flags, spec.patches),
        (spec.external, spec.namespace, spec.package_hash),
        frozenset((each.name, each.deptypes, each.virtuals) for each in spec.dependencies),
    )


class Naive:
    """The DAGs of some specs, by hash."""

    def __init__(self, specs: Iterable[Spec], roots: Sequence[str]) -> None:
        self.specs = {spec.dag_hash: spec for spec in specs}
        self.roots = roots
        self.closures = [self.closure(root) for root in roots]

    def closure(self, root: str) -> set[str]:
        found = {root}
        for each in self.specs[root].dependencies:
            found |= self.closure(each.dag_hash)
        return found

    def group(self, name: str) -> Group:
        """The nodes of a name in each build, without the roots, which are all of one package."""
        return [
            frozenset(each for each in closure if self.specs[each].name == name and each != root)
            for root, closure in zip(self.roots, self.closures, strict=True)
        ]

    def below(self, group: Group, name: str) -> Group:
        return [
            frozenset(
                to.dag_hash for node in nodes for to in self.specs[node].dependencies if to.name == name
            )
            for nodes in group
        ]

    def differs_itself(self, group: Group) -> bool:
        """Whether the builds that have nodes of a name have different ones."""
        return len({frozenset(own(self.specs[node]) for node in nodes) for nodes in group if nodes}) > 1

    def causes(self) -> set[tuple[str, bool, bool]]:
        """(name, whether it is the root, whether it only differs below some other node)."""
        names = {self.specs[each].name for closure in self.closures for each in closure}
        groups = {(name, False): self.group(name) for name in names}
        root = self.specs[self.roots[0]].name
        groups[root, True] = [frozenset([each]) for each in self.roots]
        found = {(*key, False) for key, group in groups.items() if self.differs_itself(group)}
        plain = {name for name, is_root, _ in found if not is_root}
        for (name, is_root), group in groups.items():
            if len({nodes for nodes in group if nodes}) < 2:
                continue
            children = [self.below(group, child) for child in names]
            explained = any(len({nodes for nodes in child if nodes}) > 1 for child in children)
            if not explained and (name, is_root, False) not in found:
                found.add((name, is_root, False))
            for child, nodes in zip(names, children, strict=True):
                if child not in plain and self.differs_itself(nodes):
                    found.add((child, False, True))
        return found

    def above(self, name: str) -> set[str]:
        """The names of the nodes that differ and depend on a node of this name that differs."""
        shared = set.intersection(*self.closures)
        differing = set().union(*self.closures) - shared
        mine = {each for nodes in self.group(name) for each in nodes} - shared
        return {
            self.specs[each].name
            for each in differing
            if (self.closure(each) - {each}) & mine and self.specs[each].name != name
        }


NAMES = ("top", "mid", "lib", "tool", "zlib", "gcc")


@st.composite
def dags(draw: st.DrawFn, several: bool, salted: bool) -> tuple[list[Spec], list[str]]:
    """Specs and the hashes of 2 to 8 of them that are builds of `top`.

    Args:
        several: a DAG may have several nodes of a package.
        salted: builds may differ in what no index lists.
    """
    spec_format = draw(st.sampled_from([4, 5]))
    number = draw(st.integers(2, 8))
    specs: dict[str, Spec] = {}
    roots = [draw(st.just(_dag(draw, specs, several, salted, spec_format))) for _ in range(number)]
    return list(specs.values()), roots


def _dag(draw: st.DrawFn, specs: dict[str, Spec], several: bool, salted: bool, spec_format: int) -> str:
    """Draw the nodes of one build from the bottom up; return the hash of its root."""
    below: list[Spec] = []
    for name in reversed(NAMES):
        for _ in range(draw(st.integers(1, 2)) if several and name not in ("top", "gcc") else 1):
            if name != "top" and draw(st.integers(0, 5)) == 0:
                continue
            used = draw(st.lists(st.sampled_from(below), unique=True, max_size=4)) if below else []
            if name == "top":
                used = below if draw(st.booleans()) else used
            fields: dict[str, Any] = {
                "version": draw(st.sampled_from(["1.0", "2.0"])),
                "target": draw(st.sampled_from(["zen3", "zen3", "zen4"])),
                "variants": (("shared", draw(st.sampled_from([True, True, False]))),),
                "dependencies": tuple(
                    Dependency(each.name, each.dag_hash, ("link",), ("c",) if each.name == "gcc" else ())
                    for each in sorted(used, key=lambda spec: (spec.name, spec.dag_hash))
                ),
                "spec_format": spec_format,
                "namespace": "builtin",
                "package_hash": "p",
            }
            salt = draw(st.integers(0, 1)) if salted else 0
            text = repr((name, sorted(fields.items()), salt))
            digest = unpack_hash(hashlib.sha1(text.encode()).digest())
            spec = build(name=name, dag_hash=digest, **fields)
            specs[digest] = spec
            below.append(spec)
    return below[-1].dag_hash


def compared(specs: Iterable[Spec], hashes: Sequence[str]) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.sqlite"
        compile_catalog(specs, path)
        with closing(Catalog(path)) as catalog:
            return compare(catalog, [catalog.row_of(each) for each in hashes])


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dags(several=False, salted=False))
def test_causes_are_all_nodes_that_differ_in_themselves(drawn: tuple[list[Spec], list[str]]) -> None:
    specs, roots = drawn
    naive = Naive(specs, roots)
    causes = compared(specs, roots).causes
    names = {spec.name for spec in specs}
    expected = {name for name in names - {"top"} if naive.differs_itself(naive.group(name))}
    if naive.differs_itself([frozenset([each]) for each in roots]):
        expected.add("top")
    assert {cause.name for cause in causes} == expected
    assert len(causes) == len(expected)
    assert not any(cause.below for cause in causes)
    assert {cause.name for cause in causes if cause.is_root} == expected & {"top"}
    # Different hashes have a cause.
    assert bool(causes) == (len(set(roots)) > 1)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dags(several=True, salted=True))
def test_causes_with_two_nodes_of_a_name_and_what_no_index_lists(
    drawn: tuple[list[Spec], list[str]],
) -> None:
    specs, roots = drawn
    naive = Naive(specs, roots)
    causes = compared(specs, roots).causes
    found = {(cause.name, cause.is_root, bool(cause.below)) for cause in causes}
    assert found == naive.causes()
    for cause in causes:
        if not cause.is_root and not cause.below:
            assert set(cause.above) == naive.above(cause.name)
        assert all(len(set(change.values) - {None}) > 1 for change in cause.changes)
        assert cause.changes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dags(several=True, salted=False))
def test_details_side_by_side(drawn: tuple[list[Spec], list[str]]) -> None:
    specs, roots = drawn
    naive = Naive(specs, roots)
    found = compared(specs, roots)
    names = {naive.specs[each].name for closure in naive.closures for each in closure} - {"top"}
    assert {each.name for each in found.dependencies} == names
    for each in found.dependencies:
        hashes = [frozenset(build.dag_hash for build in builds) for builds in each.builds]
        assert hashes == naive.group(each.name)
        assert each.is_equal == (len(set(hashes)) == 1)
    for attribute in found.attributes:
        if attribute.name in ("version", "target", "os"):
            assert attribute.values == tuple(getattr(naive.specs[root], attribute.name) for root in roots)


# Cases


def rows(catalog: Catalog, *numbers: int) -> list[int]:
    return [catalog.row_of(dag_hash(number)) for number in numbers]


def virtual(name: str, number: int, *virtuals: str) -> Dependency:
    return Dependency(name, dag_hash(number), ("build", "link"), virtuals)


def reasons(comparison: Comparison) -> list[tuple[str, tuple[str | None, ...], tuple[str, ...]]]:
    return [(each.what, each.values, each.names) for each in comparison.reasons]


def test_another_provider_is_one_reason(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(50, "mpich", version="5.0.1"),
            build(51, "openmpi", version="5.0.10"),
            build(20, "netcdf", dependencies=(virtual("mpich", 50, "mpi"),)),
            build(21, "netcdf", dependencies=(virtual("openmpi", 51, "mpi"),)),
            build(1, "hdf5", dependencies=(virtual("mpich", 50, "mpi"), virtual("netcdf", 20))),
            build(2, "hdf5", dependencies=(virtual("openmpi", 51, "mpi"), virtual("netcdf", 21))),
            build(3, "hdf5", dependencies=(virtual("netcdf", 21),)),
        ]
    )
    found = compare(catalog, rows(catalog, 1, 2))
    assert {cause.name for cause in found.causes} == {"hdf5", "netcdf"}
    assert reasons(found) == [("^mpi", ("mpich@5.0.1", "openmpi@5.0.10"), ("hdf5", "netcdf"))]
    found = compare(catalog, rows(catalog, 1, 2, 3))
    assert reasons(found) == [
        ("^mpi", ("mpich@5.0.1", "openmpi@5.0.10", ""), ("hdf5",)),
        ("^mpi", ("mpich@5.0.1", "openmpi@5.0.10", "openmpi@5.0.10"), ("netcdf",)),
    ]


def test_what_all_nodes_share_is_one_reason_and_a_dependency_follows_from_a_variant(
    catalog_of: CatalogOf,
) -> None:
    def hdf5(number: int, target: str, szip: bool, *needs: int) -> Spec:
        names = {20: "zlib", 21: "zlib", 30: "libaec"}
        return build(
            number,
            "hdf5",
            target=target,
            variants=(("szip", szip),),
            needs=[(names[need], need, "link") for need in needs],
        )

    catalog = catalog_of(
        [
            build(20, "zlib", target="zen3"),
            build(21, "zlib", target="zen4"),
            build(30, "libaec"),
            hdf5(1, "zen3", False, 20),
            hdf5(2, "zen4", True, 21, 30),
        ]
    )
    found = compare(catalog, rows(catalog, 1, 2))
    changes = {cause.name: [change.what for change in cause.changes] for cause in found.causes}
    assert changes == {"hdf5": ["target", "variants", "^libaec"], "zlib": ["target"]}
    assert reasons(found) == [
        ("target", ("zen3", "zen4"), ("hdf5", "zlib")),
        ("variants", ("~szip", "+szip"), ("hdf5",)),
    ]
    libaec = next(each for each in found.dependencies if each.name == "libaec")
    assert [len(builds) for builds in libaec.builds] == [0, 1]


def test_compilers_are_attributes_before_spack_1_and_dependencies_after(catalog_of: CatalogOf) -> None:
    gcc = [build(60 + n, "gcc", version=f"1{n}.2", spec_format=5) for n in range(2)]

    def zlib(number: int, spec_format: int, compiler: int) -> Spec:
        return build(
            number,
            "zlib",
            compilers=(f"gcc@1{compiler}.2",),
            spec_format=spec_format,
            dependencies=(virtual("gcc", 60 + compiler, "c"),) if spec_format == 5 else (),
        )

    catalog = catalog_of([*gcc, zlib(1, 4, 0), zlib(2, 4, 1), zlib(3, 5, 0), zlib(4, 5, 1)])
    assert reasons(compare(catalog, rows(catalog, 1, 2))) == [
        ("compiler", ("gcc@10.2", "gcc@11.2"), ("zlib",))
    ]
    assert reasons(compare(catalog, rows(catalog, 3, 4))) == [("version", ("10.2", "11.2"), ("gcc",))]
    # Across both, compilers are compared by name, and the dependency is no difference.
    assert reasons(compare(catalog, rows(catalog, 2, 3))) == [
        ("compiler", ("gcc@11.2", "gcc@10.2"), ("zlib",))
    ]
    across = compare(catalog, rows(catalog, 1, 3)).causes
    assert [(cause.name, [change.what for change in cause.changes]) for cause in across] == [
        ("zlib", ["record"])
    ]


def test_different_packages(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(10, "zlib", version="1.2"),
            build(11, "zlib", version="1.3"),
            build(1, "hdf5", version="9", needs=[("zlib", 10, "link")]),
            build(2, "netcdf", version="4", needs=[("zlib", 11, "link")]),
        ]
    )
    found = compare(catalog, rows(catalog, 1, 2))
    assert not found.is_one_package
    assert reasons(found) == [("version", ("1.2", "1.3"), ("zlib",))]
    assert found.causes[0].above == ("hdf5", "netcdf")


def test_a_record_that_is_in_no_index(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(10, "zlib"),
            build(1, "hdf5", needs=[("zlib", 10, "link")]),
            build(2, "hdf5", needs=[("zlib", 99, "link")]),
        ]
    )
    found = compare(catalog, rows(catalog, 1, 2))
    assert reasons(found) == [("record", (f"/{dag_hash(10)}", f"/{dag_hash(99)} in no index"), ("zlib",))]
    assert found.dependencies[0].builds[1][0].row is None


def test_pages_list_no_dependencies(catalog_of: CatalogOf) -> None:
    listed: dict[str, Any] = {"spec_format": 4, "namespace": "builtin", "package_hash": "p"}
    catalog = catalog_of(
        [
            build(10, "gmake"),
            build(1, needs=[("gmake", 10, "build")], **listed),
            build(2, version="1.2"),
            build(3),
        ]
    )
    found = compare(catalog, rows(catalog, 1, 2))
    assert not found.dependencies_known
    assert reasons(found) == [("version", ("1.3", "1.2"), ("zlib",))]
    assert [cause.changes[0].what for cause in compare(catalog, rows(catalog, 1, 3)).causes] == ["record"]


def test_the_same_build_twice(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1)])
    found = compare(catalog, rows(catalog, 1, 1))
    assert found.is_same_build
    assert not found.causes
    assert all(attribute.is_equal for attribute in found.attributes)


def test_a_cycle_ends(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(10, "a", needs=[("b", 11, "link")]),
            build(11, "b", needs=[("a", 10, "link")]),
            build(1, needs=[("a", 10, "link")]),
            build(2, needs=[("b", 11, "link")]),
        ]
    )
    assert [cause.name for cause in compare(catalog, rows(catalog, 1, 2)).causes] == ["zlib"]


def test_two_builds_of_one_package_that_change_places(catalog_of: CatalogOf) -> None:
    def top(number: int, for_a: int, for_b: int) -> list[Spec]:
        a, b = (
            build(number + place, name, needs=[("python", to, "run")])
            for place, name, to in ((1, "a", for_a), (2, "b", for_b))
        )
        return [a, b, build(number, "top", needs=[("a", number + 1, "run"), ("b", number + 2, "run")])]

    pythons = [build(80 + n, "python", version=f"3.1{n}") for n in range(2)]
    specs = [*pythons, *top(10, 80, 81), *top(20, 81, 80)]
    roots = [dag_hash(10), dag_hash(20)]
    catalog = catalog_of(specs)
    found = compare(catalog, rows(catalog, 10, 20)).causes
    assert {(cause.name, cause.is_root, bool(cause.below)) for cause in found} == Naive(specs, roots).causes()
    assert [(cause.name, cause.below, cause.changes[0].values) for cause in found] == [
        ("python", "a", ("3.10", "3.11")),
        ("python", "b", ("3.11", "3.10")),
    ]
    assert [cause.above for cause in found] == [("a", "top"), ("b", "top")]
    assert [reason.below for reason in compare(catalog, rows(catalog, 10, 20)).reasons] == ["a", "b"]
