"""Random queries over random and over real DAGs find what a scan spec by spec finds."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.query import Dialect, Query
from cachetui.search import Attributes
from cachetui.search.evaluate import Evaluator
from cachetui.spec import DEPTYPES, Dependency, Spec
from tests.conftest import MIRROR_023, MIRROR_12, build, dag_hash, read
from tests.query.queries import Pools, queries
from tests.search.naive import Naive, dialect_of

DIALECTS = pytest.mark.parametrize("dialect", Dialect)
WORLDS = 16


class World:
    """Specs, the catalog of them, and the scan that it is compared with."""

    def __init__(self, catalog: Catalog) -> None:
        self.evaluator = Evaluator(Attributes(catalog))
        self.specs = [catalog.spec(row) for row in range(len(catalog))]
        self.naive = Naive(self.specs)

    def found(self, query: Query, dialect: Dialect) -> set[int]:
        return set(self.evaluator.evaluate(query, dialect))

    def scanned(self, query: Query, dialect: Dialect) -> set[int]:
        return {
            row
            for row, spec in enumerate(self.specs)
            if dialect_of(spec) is dialect and self.naive.matches(spec, query)
        }


Compiled = Callable[[Iterable[Spec]], World]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiled]:
    """Compiles specs; the catalogs are closed with the module."""
    with ExitStack() as opened:

        def world(specs: Iterable[Spec]) -> World:
            path = tmp_path_factory.mktemp("world") / "c.sqlite"
            compile_catalog(specs, path)
            return World(opened.enter_context(closing(Catalog(path))))

        yield world


# Random DAGs

PACKAGES = ("app", "gcc", "hdf5", "llvm", "openmpi", "pocl", "py-pillow", "zlib")
VIRTUALS = ("blas", "c", "cxx", "mpi", "opencl", "pil")


def random_specs(seed: int) -> list[Spec]:
    """Few packages and values, so that queries find something; edges lead to higher numbers."""
    pick = random.Random(seed)
    names = [pick.choice(PACKAGES) for _ in range(pick.randint(3, 24))]
    return [random_spec(number, names, pick) for number in range(len(names))]


def random_spec(number: int, names: Sequence[str], pick: random.Random) -> Spec:
    ends = [pick.randrange(number + 1, len(names) + 1) for _ in range(pick.choice((0, 1, 2, 3)))]
    spec_format = pick.choice((0, 3, 4, 5, 5, 6))
    return build(
        number,
        names[number],
        version=pick.choice(("1.2", "1.2.3", "2.0", "git.main=1.2", "nightly", "develop")),
        spec_format=spec_format,
        compilers=None if spec_format > 4 else pick.choice(((), ("gcc@12.2",), ("clang@1.2",))),
        platform=pick.choice(("linux", "linux", "darwin", "")),
        os=pick.choice(("rhel8", "sonoma", "")),
        target=pick.choice(("x86_64", "x86_64_v3", "zen2", "zen4", "neoverse_v1", "")),
        namespace=pick.choice(("builtin", "mine")),
        variants=random_variants(pick),
        flags=pick.choice(((), (("cflags", ("-O3", "-g")),), (("cflags", ("-g",)),))),
        patches=pick.choice(((), (), ("a" * 64,), ("ab" * 32, "a" * 64))),
        provided_virtuals=random_provided(pick) if spec_format == 6 else (),
        in_buildcache=pick.random() < 0.8,
        external=pick.choice(("", "", "", "/usr")),
        dependencies=tuple(random_edge(end, names, pick) for end in ends),
    )


def random_variants(pick: random.Random) -> tuple[tuple[str, Any], ...]:
    some: dict[str, Any] = {
        "api": pick.choice(("v1", "v2")),
        "languages": pick.choice((("c",), ("c", "cxx"), ("cxx",))),
        "mpi": pick.choice((True, False, "yes")),
    }
    return tuple((name, value) for name, value in some.items() if pick.random() < 0.7)


def random_provided(pick: random.Random) -> tuple[str, ...]:
    return pick.choice(((), (), ("mpi",), ("blas", "mpi@:2"), ("mpi@2:3",), ("c", "cxx@1.2")))


def random_edge(end: int, names: Sequence[str], pick: random.Random) -> Dependency:
    """An edge; one past the last spec leads to a record that is nowhere."""
    name = names[end] if end < len(names) else "zlib"
    deptypes = tuple(kind for kind in DEPTYPES if pick.random() < 0.4) or ("link",)
    virtuals = tuple(virtual for virtual in VIRTUALS if pick.random() < 0.3)
    return Dependency(name, dag_hash(end), deptypes, virtuals if end < len(names) else ())


RANDOM = Pools(
    packages=(*PACKAGES, *VIRTUALS, "nosuch"),
    versions=("1.2", "=1.2", "1.2:1.9", "2:", ":2", ":", "git.main", "nightly:", "=1.2,develop"),
    variants={
        "api": ("v1", "v2"),
        "languages": ("c", "cxx", "none"),
        "mpi": (True, False, "yes"),
        "patches": ("a", "ab" * 32, "aa"),
    },
    flags={"cflags": ("-O3", "-g")},
    compilers=("gcc", "clang", "llvm"),
    targets=("zen2", "x86_64_v3:", ":zen2", "x86_64:zen2,neoverse_v1", "zen4,zen2", "*"),
    oses=("rhel8", "*"),
    platforms=("linux", "*"),
    virtuals=VIRTUALS,
    hashes=tuple(map(dag_hash, range(6))),
    namespaces=("builtin",),
)


OF_RANDOM = {dialect: queries(dialect, RANDOM) for dialect in Dialect}


@pytest.fixture(scope="module")
def random_worlds(compiled: Compiled) -> list[World]:
    return [compiled(random_specs(seed)) for seed in range(WORLDS)]


@DIALECTS
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_queries_over_random_specs(dialect: Dialect, data: st.DataObject, random_worlds: list[World]) -> None:
    query = data.draw(OF_RANDOM[dialect])
    for seed, world in enumerate(random_worlds):
        assert world.found(query, dialect) == world.scanned(query, dialect), (seed, str(query))


# Real DAGs


@pytest.fixture(scope="module")
def real_worlds(compiled: Compiled) -> dict[Dialect, World]:
    """The trimmed mirrors of both Spacks."""
    mirrors = {Dialect.SPACK_0: MIRROR_023, Dialect.SPACK_1: MIRROR_12}
    return {dialect: compiled(read(mirror)[0]) for dialect, mirror in mirrors.items()}


@pytest.fixture(scope="module")
def of_real(real_worlds: dict[Dialect, World]) -> Callable[[Dialect, int], st.SearchStrategy[Query]]:
    """Queries made of what some specs are, by the number of their sample."""
    return cache(
        lambda dialect, number: queries(
            dialect, pools_of(real_worlds[dialect], number), 0, max_dependencies=2
        )
    )


def pools_of(world: World, number: int) -> Pools:
    """What a few specs are and need, so that queries find something."""
    some = random.Random(number).sample(world.specs, 4)
    needed = [edge for spec in some for edge in spec.dependencies]
    targets = sorted({spec.target for spec in some} - {""})
    return Pools(
        packages=sorted({spec.name for spec in some} | {edge.name for edge in needed}),
        versions=[text for spec in some for text in (f"={spec.version}", f"{spec.version}:", spec.version)],
        variants=values_of(some),
        flags={name: words for spec in some for name, words in spec.flags},
        compilers=sorted({name.partition("@")[0] for spec in some for name in spec.compilers or ()}),
        targets=[*targets, *(f"{target}:" for target in targets), *(f":{target}" for target in targets)],
        oses=sorted({spec.os for spec in some}),
        platforms=sorted({spec.platform for spec in some}),
        virtuals=sorted({virtual for edge in needed for virtual in edge.virtuals}),
        hashes=[spec.dag_hash for spec in some],
        namespaces=sorted({spec.namespace for spec in some}),
    )


def values_of(specs: Iterable[Spec]) -> dict[str, list[str | bool]]:
    """Variants by name, with their values one by one."""
    values: dict[str, dict[str | bool, None]] = defaultdict(dict)
    for spec in specs:
        for name, value in (*spec.variants, *([("patches", spec.patches)] if spec.patches else [])):
            values[name].update(dict.fromkeys(value if isinstance(value, tuple) else (value,)))
    return {name: list(of) for name, of in values.items()}


@DIALECTS
@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 11), data=st.data())
def test_queries_over_real_specs(
    dialect: Dialect,
    number: int,
    data: st.DataObject,
    real_worlds: dict[Dialect, World],
    of_real: Callable[[Dialect, int], st.SearchStrategy[Query]],
) -> None:
    query = data.draw(of_real(dialect, number))
    world = real_worlds[dialect]
    assert world.found(query, dialect) == world.scanned(query, dialect), str(query)
