"""What Spack reuses on a host: the real Spack's answers, single rules, random DAGs against a naive walk."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import archspec.cpu
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.graph import Release, reasons, runs, usable, verdict
from cachetui.host import Host
from cachetui.spec import DEPTYPES, Dependency, Spec
from cachetui.version import version_key
from tests.conftest import DATA, CatalogOf, build, dag_hash
from tests.graph.conftest import Walked

HOST = Host("linux", "debian12", "zen3", "glibc", "2.36")
MAC = Host("darwin", "sonoma", "m1")
OLD, NEW = (0, 23), (1, 2)
RELEASES: tuple[Release, ...] = (None, OLD, (1, 1), NEW)


def recorded_hosts(spack: str) -> list[dict[str, Any]]:
    content = gzip.decompress((DATA / "oracle" / f"hosts-{spack}.json.gz").read_bytes())
    found: list[dict[str, Any]] = json.loads(content)["hosts"]
    return found


def test_as_spack(walked: Walked, request: pytest.FixtureRequest) -> None:
    spack = request.node.callspec.params["walked"]
    own = OLD if spack == "spack0.23" else NEW
    catalog, recorded = walked.catalog, recorded_hosts(spack)
    assert len(recorded) > 35
    for each in recorded:
        platform, os_name, target, libc, version, path = each["host"]
        host = Host(platform, os_name, target, libc or "", version or "", path or "/usr")
        row = catalog.row_of(walked.hashes[each["record"]])
        for release in (None, own):
            assert (row in usable(catalog, host, release)) is each["usable"]
            found = verdict(catalog, row, host, release)
            assert found.usable is each["usable"]
            nodes: dict[str, list[str]] = {}
            for reason in found.found:
                assert reason.row is not None
                nodes.setdefault(reason.kind, []).append(catalog.dag_hash(reason.row))
            assert {kind: sorted(hashes) for kind, hashes in nodes.items()} == {
                kind: walked.recorded(steps) for kind, steps in each["reasons"].items()
            }


def libc(number: int, version: str = "2.36", name: str = "glibc", path: str = "/usr") -> Spec:
    fields: dict[str, Any] = {"external": path, "in_buildcache": False, "compilers": (), "spec_format": 5}
    return build(number, name, version=version, **fields)


def on_libc(number: int, name: str = "zlib", at: int = 90, **fields: Any) -> Spec:
    """A build of clang with a libc edge."""
    needs = [Dependency(n, dag_hash(to), tuple(types)) for n, to, *types in fields.pop("needs", ())]
    edges = (*needs, Dependency(fields.pop("libc", "glibc"), dag_hash(at), ("link",), ("libc",)))
    defaults = {"spec_format": 4, "compilers": ("clang@17",), "dependencies": edges}
    return build(number, name, **{**defaults, **fields})


def why(catalog: Catalog, number: int = 1, host: Host = HOST, release: Release = None) -> list[str]:
    """The reasons of a build, which must agree with the answer for all."""
    row = catalog.row_of(dag_hash(number))
    found, all_runs = verdict(catalog, row, host, release), runs(catalog, host, release)
    assert (row in all_runs.usable) is (found.usable is True)
    assert (row in all_runs.unknown) is (found.usable is None)
    assert bool(found.found) is (found.usable is not True)
    return reasons(catalog, row, host, release)


def test_what_is_built_for_the_host_runs(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([on_libc(1), libc(90)])
    assert why(catalog) == []
    assert why(catalog, 90) == ["external of a build cache"]


def test_target(catalog_of: CatalogOf) -> None:
    needs = [("openblas", 2, "link"), ("cmake", 3, "build")]
    catalog = catalog_of(
        [
            on_libc(1, needs=needs),
            on_libc(2, "openblas", target="zen4"),
            on_libc(3, "cmake", target="m1"),
            libc(90),
        ]
    )
    assert why(catalog) == ["needs zen4, this host is zen3 (node openblas)"]
    assert why(catalog, host=Host("linux", "rhel9", "zen4", "glibc", "2.36", name="gpu")) == []
    assert why(catalog, 3, Host("linux", "rhel9", "zen4", "glibc", "2.36", name="gpu")) == [
        "needs m1, gpu is zen4"
    ]
    assert why(catalog, 3, Host("linux", "rhel9", "zen4", "glibc", "2.36", name="linux-rhel9-zen4")) == [
        "needs m1, the host is zen4"
    ]
    assert why(catalog, 3, Host("linux", "rhel9", "zen4", "glibc", "2.36", name="gpu-node")) == [
        "needs m1, gpu-node is zen4"
    ]


def test_many_nodes_with_a_reason(catalog_of: CatalogOf) -> None:
    below = [on_libc(n, f"p{n}", target="zen4") for n in range(2, 7)]
    needs = [(spec.name, n, "link") for n, spec in enumerate(below, start=2)]
    catalog = catalog_of([on_libc(1, needs=needs), on_libc(8, needs=needs, target="zen4"), *below, libc(90)])
    assert why(catalog) == ["needs zen4, this host is zen3 (nodes p2, p3, p4 and 2 more)"]
    assert why(catalog, 8) == ["needs zen4, this host is zen3 (and 5 nodes below)"]


@pytest.mark.parametrize(
    ("needed", "reason"),
    [
        (libc(90, "2.38"), "needs glibc 2.38, this host has 2.36"),
        (libc(90, "2.9"), ""),
        (libc(90, path="/nix/store/x"), "needs glibc in /nix/store/x, this host has it in /usr"),
        (libc(90, "1.2.5", "musl"), "needs musl 1.2.5, this host has glibc 2.36"),
    ],
)
def test_libc(catalog_of: CatalogOf, needed: Spec, reason: str) -> None:
    catalog = catalog_of([on_libc(1, libc=needed.name), needed])
    assert why(catalog) == ([reason] if reason else [])


def test_build_without_a_libc(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, spec_format=4, compilers=("clang@17",)), build(2, "b", spec_format=5)])
    assert why(catalog) == ["no libc recorded: Spack will not reuse it"]
    assert why(catalog, 2) == []


def test_os_counts_on_macos_alone(catalog_of: CatalogOf) -> None:
    def on_mac(number: int, os_name: str) -> Spec:
        return build(number, platform="darwin", os=os_name, target="m1", compilers=(), spec_format=4)

    catalog = catalog_of(
        [on_mac(1, "sonoma"), on_mac(2, "sequoia"), on_mac(3, "catalina"), on_libc(4), libc(90)]
    )
    assert why(catalog, 1, MAC) == why(catalog, 3, MAC) == []
    assert why(catalog, 2, MAC) == ["needs sequoia, this host has sonoma"]
    assert why(catalog, 4, HOST) == []
    assert "needs debian12, this host has sonoma" in why(catalog, 4, MAC)
    tahoe = Host("darwin", "tahoe", "m1")
    assert why(catalog, 1, tahoe, OLD) == ["needs sonoma, this host has tahoe"]


def test_tahoe_in_spack_1(catalog_of: CatalogOf) -> None:
    spec = build(1, platform="darwin", os="sonoma", target="m1", compilers=(), spec_format=5)
    assert why(catalog_of([spec]), 1, Host("darwin", "tahoe", "m1"), NEW) == []


def test_development_tree(catalog_of: CatalogOf) -> None:
    variants = (("dev_path", "/home/me/zlib"),)
    catalog = catalog_of(
        [on_libc(1, variants=variants), on_libc(2, "a", needs=[("zlib", 1, "link")]), libc(90)]
    )
    assert why(catalog) == ["built from a development tree"]
    assert why(catalog, 2) == []


def test_compiler_wrapper(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, "compiler-wrapper", spec_format=5, compilers=())])
    assert why(catalog) == ["compiler-wrapper: Spack will not reuse it"]


def test_gcc_without_its_runtime_in_spack_0(catalog_of: CatalogOf) -> None:
    runtime = [("gcc-runtime", 5, "link")]
    gcc = ("gcc@13.2.0",)
    catalog = catalog_of(
        [
            on_libc(1, compilers=gcc),
            on_libc(2, "with", compilers=gcc, needs=runtime),
            on_libc(3, "above", compilers=gcc, needs=[("with", 2, "link")]),
            on_libc(4, "oneapi", compilers=("oneapi@2024.2.1",)),
            on_libc(5, "gcc-runtime", compilers=gcc),
            libc(90),
        ]
    )
    no_runtime = "no gcc-runtime below: Spack will not reuse it"
    assert why(catalog) == why(catalog, 3) == why(catalog, 5) == [no_runtime]
    assert why(catalog, 2) == []
    assert why(catalog, 4) == ["no intel-oneapi-runtime below: Spack will not reuse it"]


def test_gcc_without_its_runtime_in_spack_1(catalog_of: CatalogOf) -> None:
    compiler = ("gcc", 7, "build")
    catalog = catalog_of(
        [
            build(1, spec_format=5, needs=[compiler]),
            build(2, "with", spec_format=5, needs=[compiler, ("gcc-runtime", 5, "link")]),
            build(3, "above", spec_format=5, needs=[("with", 2, "build")]),
            build(5, "gcc-runtime", spec_format=5, needs=[compiler]),
            build(7, "gcc", spec_format=5, external="/usr", in_buildcache=False),
        ]
    )
    assert why(catalog) == ["no gcc-runtime below: Spack will not reuse it"]
    assert why(catalog, 2) == why(catalog, 3) == why(catalog, 5) == []


def test_gcc_runtime_is_solved_anew(catalog_of: CatalogOf) -> None:
    runtime = on_libc(5, "gcc-runtime", target="zen4")
    catalog = catalog_of(
        [on_libc(1, compilers=("gcc@13",), needs=[("gcc-runtime", 5, "link")]), runtime, libc(90)]
    )
    assert why(catalog) == []
    assert why(catalog, 5) == ["needs zen4, this host is zen3"]


def test_records_of_another_spack(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([on_libc(1), on_libc(2, "new", spec_format=5), libc(90)])
    assert why(catalog, release=NEW) == ["written by Spack 0.x (spec format 4): Spack 1.2 will not reuse it"]
    assert why(catalog, 2, release=OLD) == [
        "written by Spack 1.x (spec format 5): Spack 0.23 will not reuse it"
    ]
    assert why(catalog, release=OLD) == why(catalog, 2, release=NEW) == []


def test_records_of_spack_0_in_spack_1_0(catalog_of: CatalogOf) -> None:
    """They are reused by Spack 1.0 and 1.1, which look for gcc and its runtime among the nodes alone."""
    gcc = ("gcc@13.2.0",)
    old_format = [on_libc(1, compilers=gcc), build(2, "b", spec_format=3), on_libc(3, "c", target="zen4")]
    catalog = catalog_of([*old_format, libc(90)])
    for release in ((1, 0), (1, 1)):
        assert why(catalog, release=release) == why(catalog, 2, release=release) == []
        assert why(catalog, 3, release=release) == ["needs zen4, this host is zen3"]
    assert why(catalog, release=NEW) == ["written by Spack 0.x (spec format 4): Spack 1.2 will not reuse it"]


def test_what_no_source_tells_is_unknown(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(1),
            build(2, "other", target="zen4"),
            on_libc(3, "incomplete", needs=[("gone", 77, "link")]),
            on_libc(4, "worse", target="zen4", needs=[("gone", 77, "link")]),
            on_libc(5, "lost", at=78),
            libc(90),
        ]
    )
    assert why(catalog) == ["dependencies unknown: pages do not list them"]
    assert why(catalog, 2) == ["needs zen4, this host is zen3"]
    assert why(catalog, 3) == ["gone, which it needs, is in no index"]
    assert why(catalog, 4) == ["needs zen4, this host is zen3"]
    assert why(catalog, 5) == ["glibc, which it needs, is in no index"]


SIZE = 9
_HOSTS = (
    *[HOST] * 4,
    MAC,
    Host("linux", "x", "x86_64_v3", "musl", "2.36", "/"),
    Host("linux", "y", "m1", "glibc", "2.17"),
)
_NAMES = ("gcc-runtime", "gcc", "intel-oneapi-runtime", "compiler-wrapper", "glibc", "musl")
_UNUSUAL_EDGES = st.lists(
    st.tuples(
        st.integers(0, SIZE + 1),
        st.lists(st.sampled_from(DEPTYPES), min_size=1, unique=True),
        st.booleans(),
    ),
    max_size=3,
)


def often(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """A value that is the usual one five times of six."""
    return st.integers(0, 5).flatmap(lambda n: st.sampled_from(others) if n == 3 else st.just(usual))


_nodes = st.lists(
    st.tuples(
        often("p", *_NAMES),
        often("zen3", "x86_64_v3", "m1"),
        often(("linux", "debian12"), ("darwin", "ventura"), ("darwin", "sequoia")),
        often("", "/usr", "/"),
        often("2.36", "2.17", "2.40"),
        st.sampled_from([4, 4, 4, 5, 5, 5, 0]),
        st.sampled_from([("gcc@12",), ("oneapi@2024",), ("clang@17",), ("clang@17",)]),
        often(False, True),
        often(True, False),
        _UNUSUAL_EDGES,
    ),
    min_size=1,
    max_size=SIZE,
)


@settings(deadline=None)
@given(_nodes, st.sampled_from(_HOSTS))
def test_as_a_naive_walk(nodes: list[tuple[Any, ...]], host: Host) -> None:
    names = [f"{node[0]}{number}" if node[0] == "p" else node[0] for number, node in enumerate(nodes)]
    names += [*(f"gone{number}" for number in range(len(nodes), SIZE)), "gcc-runtime", "glibc"]
    glibc = dag_hash(SIZE + 2)
    specs = [build(SIZE + 2, "glibc", version="2.36", external="/usr", spec_format=5, compilers=())]
    for number, (
        _,
        target,
        arch,
        external,
        version,
        spec_format,
        compilers,
        is_dev,
        has_libc,
        edges,
    ) in enumerate(nodes):
        dependencies = [
            Dependency(names[to], dag_hash(to), tuple(types), ("libc",) if is_libc else ())
            for to, types, is_libc in edges
        ]
        if has_libc and spec_format:
            dependencies.append(Dependency("glibc", glibc, ("link",), ("libc",)))
        specs.append(
            build(
                number,
                names[number],
                target=target,
                platform=arch[0],
                os=arch[1],
                external=external,
                version=version,
                spec_format=spec_format,
                compilers=compilers,
                variants=(("dev_path", "/x"),) if is_dev else (),
                dependencies=tuple(dependencies),
            )
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.sqlite"
        compile_catalog(specs, path)
        with closing(Catalog(path)) as catalog:
            for release in RELEASES:
                found = runs(catalog, host, release)
                for spec in specs:
                    row = catalog.row_of(spec.dag_hash)
                    expected = naive(specs, spec, host, release)
                    assert verdict(catalog, row, host, release).usable is expected
                    assert (row in found.usable, row in found.unknown) == (expected is True, expected is None)


def naive(specs: list[Spec], root: Spec, host: Host, release: Release) -> bool | None:
    """Apply the rule node by node."""
    by_hash = {spec.dag_hash: spec for spec in specs}
    is_new = root.spec_format >= 5 if release is None else release >= (1, 0)
    nodes, is_told = walk(by_hash, root, {"link", "run"})
    refused = not reusable_root(by_hash, root, is_new, is_told)
    if release is not None and root.spec_format:
        refused |= (root.spec_format >= 5) != is_new and release not in ((1, 0), (1, 1))
    for node in nodes:
        if node is root or not (node.external or node.name == "gcc-runtime"):
            refused |= not fits(by_hash, node, host, is_new)
    if refused:
        return False
    return True if is_told else None


def walk(by_hash: dict[str, Spec], root: Spec, deptypes: set[str]) -> tuple[list[Spec], bool]:
    """(the nodes of a closure, whether it is known as a whole)."""
    nodes, pending = {root.dag_hash: root}, [root]
    while pending:
        for edge in pending.pop().dependencies:
            if not deptypes.isdisjoint(edge.deptypes) and edge.dag_hash in by_hash.keys() - nodes.keys():
                nodes[edge.dag_hash] = by_hash[edge.dag_hash]
                pending.append(by_hash[edge.dag_hash])
    return list(nodes.values()), not any(is_open(by_hash, node) for node in nodes.values())


def is_open(by_hash: dict[str, Spec], node: Spec) -> bool:
    """Whether dependencies of a node may be unknown."""
    listed = [edge.dag_hash in by_hash for edge in node.dependencies if {"link", "run"} & set(edge.deptypes)]
    return not all(listed) or not (
        node.spec_format or any(edge.dag_hash in by_hash for edge in node.dependencies)
    )


def reusable_root(by_hash: dict[str, Spec], root: Spec, is_new: bool, is_told: bool) -> bool:
    if root.external or "dev_path" in dict(root.variants):
        return False
    if not is_new:
        compiler = (root.compilers or ("",))[0].partition("@")[0]
        needed = {"gcc": "gcc-runtime", "oneapi": "intel-oneapi-runtime"}.get(compiler)
        direct = {edge.name for edge in root.dependencies if edge.dag_hash in by_hash}
        return needed is None or needed in direct or is_open(by_hash, root)
    below = {node.name for node in walk(by_hash, root, set(DEPTYPES))[0]}
    if is_told and "gcc" in below and "gcc-runtime" not in below:
        return False
    return root.name != "compiler-wrapper"


def fits(by_hash: dict[str, Spec], node: Spec, host: Host, is_new: bool) -> bool:
    target = archspec.cpu.TARGETS[host.target]
    if node.platform != host.platform or not archspec.cpu.TARGETS[node.target] <= target:
        return False
    if host.platform != "linux":
        return node.os in ("ventura", "sonoma")
    libcs = [by_hash[e.dag_hash] for e in node.dependencies if "libc" in e.virtuals and e.dag_hash in by_hash]
    if not libcs:
        return is_new or is_open(by_hash, node)
    return any(serves(host, each) for each in libcs)


def serves(host: Host, needed: Spec) -> bool:
    is_same = (host.libc, host.libc_path) == (needed.name, needed.external)
    return is_same and version_key(host.libc_version) >= version_key(needed.version)
