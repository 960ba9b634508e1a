"""Who provides a virtual: by the shipped facts of Spack's recipes where the index is silent."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from cachetui.paths import provides_file
from cachetui.query import Dialect, Query, QueryNode, parse
from cachetui.search import Attributes, Engine, Selection, complete
from cachetui.search.evaluate import BUILTIN_OF_LEGACY, Evaluator
from cachetui.search.recipes import OWN_VERSION, Provided, builtin_recipes
from cachetui.spec import Spec
from cachetui.version import ExactVersion, VersionList, VersionRange, parse_versions
from tests.conftest import CatalogOf, build, dag_hash
from tests.search.naive import Naive
from tests.search.specs import BOTH, NEW, NUMBERS, OLD, Found, need, of_format, user

FACTS = [(virtual, fact) for virtual, facts in builtin_recipes().provides.items() for fact in facts]
MPI = ("mpi",)


# The facts


def test_all_facts_are_shipped_with_their_date() -> None:
    recipes = builtin_recipes()
    assert (len(FACTS), len(recipes.provides)) == (274, 52)
    assert recipes.date == "2026-01-17" and recipes.date in recipes.source
    assert set(json.loads(provides_file().read_bytes())) == {"source", "date", "provides"}


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("virtual", "fact"), FACTS, ids=lambda value: getattr(value, "package", str(value)))
def test_every_fact_finds_a_build_that_meets_it(
    virtual: str, fact: Provided, dialect: Dialect, catalog_of: CatalogOf
) -> None:
    condition = parse(f"{fact.package} {fact.when}", dialect)
    other = build(3, fact.package, version="0.0.1", compilers=(), dependencies=())
    specs = of_format(4 if dialect is OLD else 5, [*meeting(condition), other])
    catalog = catalog_of(specs)
    evaluator, naive = Evaluator(Attributes(catalog)), Naive(specs)
    asked = [virtual, f"{virtual}@0.0.0.1", f"{virtual}@9999:"]
    if fact.versions:
        asked += [f"{virtual}@{fact.versions.replace(OWN_VERSION, specs[0].version)}"]
    for text in asked:
        query = parse(text, dialect)
        found = {catalog.dag_hash(row) for row in evaluator.evaluate(query, dialect)}
        assert found == {spec.dag_hash for spec in specs if naive.matches(spec, query)}
        assert text.startswith((f"{virtual}@0.", f"{virtual}@9")) or dag_hash(1) in found


def meeting(query: Query) -> list[Spec]:
    """A build that meets a condition, and what it depends on."""
    root = query.root
    below = [edge.node for edge in (*query.dependencies, *root.direct)]
    ends = [
        build(10 + i, BUILTIN_OF_LEGACY.get(node.name, node.name), version=version_in(node.versions))
        for i, node in enumerate(below)
    ]
    compiler = root.compiler and f"{root.compiler.name}@{version_in(root.compiler.versions)}"
    first = build(
        1,
        root.name,
        version=version_in(root.versions),
        variants=tuple((variant.name, variant.value) for variant in root.variants),
        compilers=(compiler,) if compiler else None,
        dependencies=tuple(need(end.name, 10 + i, "build", "link") for i, end in enumerate(ends)),
    )
    return [first, *ends]


def version_in(versions: VersionList | None) -> str:
    """A version that a list contains."""
    if versions is None:
        return "7.7"
    first = versions.parts[0]
    assert isinstance(first, VersionRange | ExactVersion)
    version = (first.low or first.high) if isinstance(first, VersionRange) else first.text
    assert versions.contains(version)
    return version


@pytest.mark.parametrize(("virtual", "fact"), FACTS, ids=lambda value: getattr(value, "package", str(value)))
def test_every_fact_is_understood_whole(virtual: str, fact: Provided) -> None:
    assert parse(virtual).root == QueryNode(virtual)
    assert not fact.versions or parse_versions(fact.versions.replace(OWN_VERSION, "1.2"))
    for dialect in BOTH:
        query = parse(f"{fact.package} {fact.when}", dialect)
        node = query.root
        named = QueryNode(
            fact.package,
            versions=node.versions,
            variants=node.variants,
            compiler=node.compiler,
            direct=node.direct,
        )
        assert node == named and (not fact.when or query != Query(QueryNode(fact.package)))


# Each kind of condition


def gcc(number: int, *languages: str, version: str = "12.3") -> Spec:
    return build(number, "gcc", version=version, variants=(("languages", languages),), compilers=())


KINDS = [
    build(1, "zlib-ng", variants=(("compat", True),)),
    build(2, "zlib-ng", variants=(("compat", False),)),
    build(3, "zlib"),
    build(4, "zlib-ng"),
    build(5, "mvapich2", version="2.3.7"),
    build(6, "mvapich2", version="2.0"),
    build(7, "openmpi", version="5.0.5"),
    build(8, "mpich", version="4.2"),
    build(9, "mpich", version="3.1"),
    gcc(10, "c", "c++"),
    gcc(11, "c++", "fortran"),
    gcc(12, "go", "c", version="10.4"),
    build(13, "netlib-lapack", version="3.9.1", variants=(("external-blas", True),)),
    build(14, "netlib-lapack", version="3.10.1", variants=(("external-blas", False),)),
    build(15, "openblas", version="0.3.20"),
    build(16, "openblas", version="0.2.20"),
    build(17, "ocl-icd", version="2.2.9", variants=(("headers", True),)),
    build(18, "ocl-icd", version="2.2.9", variants=(("headers", False),)),
    build(19, "ocl-icd", version="2.3.1", variants=(("headers", True),)),
    user(20, need("llvm", 23, "link"), name="pocl", version="3.0"),
    user(21, need("llvm", 24, "link"), name="pocl", version="3.0"),
    user(22, need("llvm", 24, "link"), name="pocl", version="1.8"),
    build(23, "llvm", version="14.0.6", variants=(("clang", True),), compilers=()),
    build(24, "llvm", version="13.0.1", variants=(("clang", False),), compilers=()),
    build(25, "py-pillow", version="10.2.0"),
    build(26, "py-pillow", version="git.main=11.1"),
    build(27, "lua-luajit-openresty", variants=(("lualinks", True),)),
    build(28, "mpitrampoline", version="5.0"),
    build(29, "cuda", version="6.5"),
]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        # a variant that is on
        ("zlib-api", {1, 3}),
        ("zlib-api+compat", {1}),
        # any build, and a range of versions
        ("mpi", {5, 6, 7, 8, 9, 28}),
        ("mpi@4:", {5, 6, 8, 9}),
        ("mpi@3.1", {5, 6, 7, 8, 9, 28}),
        ("mpi@:2", {5, 6, 7, 8, 9}),
        ("mpi@3.0.5", {5, 6, 7, 8, 9}),
        ("mpi@9", {5, 6}),
        ("mpi@=4.0", {5, 6, 8, 9}),
        # a value among several, and several values
        ("c", {10, 12, 23}),
        ("cxx", {10, 11, 23}),
        ("fortran", {11}),
        # a value and a range
        ("golang@1.14:", {12}),
        ("golang@1.15:", set()),
        # a variant that is off
        ("blas", {14, 15, 16}),
        # the version of the provider, and others
        ("lapack", {13, 14, 15, 16}),
        ("lapack@3.9.1", {13, 14, 15, 16}),
        ("pil@10", {25, 26}),
        ("pil@11", {25, 26}),
        # a range and a variant
        ("opencl", {17, 19, 20, 21, 22, 29}),
        ("opencl@2.1", {17, 19}),
        ("opencl@2.0", {17, 19, 21, 22}),
        ("opencl@3.0", {19, 20}),
        ("opencl@1.2:1.3", {17, 19}),
        # a dependency
        ("opencl@3", {19, 20}),
        ("lua-lang@5.1", {27}),
        ("libllvm@14", {23}),
        ("libllvm@:13", {24}),
    ],
)
@pytest.mark.parametrize("dialect", BOTH)
def test_each_kind_of_condition(text: str, numbers: set[int], dialect: Dialect, found: Found) -> None:
    assert found(KINDS, dialect)(text) == numbers


def test_a_compiler_as_condition_is_an_attribute_to_0_and_a_dependency_to_1(found: Found) -> None:
    runtime, oneapi = "intel-oneapi-runtime", "intel-oneapi-compilers"
    old = [
        build(1, runtime, compilers=("oneapi@2023.1",)),
        build(2, runtime, compilers=("oneapi@2020.1",)),
        build(3, runtime, compilers=("gcc@12",)),
    ]
    assert found(old, OLD)("libifcore@5") == {1}
    new = [
        user(1, need(oneapi, 8, "build"), name=runtime),
        user(2, need(oneapi, 9, "build"), name=runtime),
        build(8, oneapi, version="2023.1", compilers=()),
        build(9, oneapi, version="2020.1", compilers=()),
    ]
    assert found(new, NEW)("libifcore@5") == {1}
    assert found(new, NEW)("sycl") == {1, 2}


def test_all_parts_of_a_query_hold_for_a_virtual_as_root(found: Found) -> None:
    specs = [
        build(1, "mpich", version="4.2", target="zen3"),
        build(2, "mpich", version="4.2", target="zen4"),
        user(3, need("zlib", 9, "link"), name="mvapich2", version="2.3", target="zen3"),
        build(9, "zlib"),
    ]
    for dialect in BOTH:
        find = found(specs, dialect)
        assert find("mpi target=zen3") == {1, 3}
        assert find("mpi@4: target=zen3 ^zlib") == {3}


# Beside the index


def test_edges_are_believed_whatever_the_recipes_say(found: Found) -> None:
    specs = [
        user(1, need("zlib-ng", 11, "link", virtuals=("zlib-api",))),
        user(2, need("zlib-ng", 12, "link")),
        build(11, "zlib-ng", variants=(("compat", False),)),
        build(12, "zlib-ng", variants=(("compat", False),)),
        build(13, "zlib-ng", variants=(("compat", True),)),
    ]
    for dialect in BOTH:
        assert found(specs, dialect)("zlib-api") == {11, 13}
        assert found(specs, dialect)("^zlib-api") == {1}


def test_packages_that_no_recipe_tells_of_are_judged_by_edges(found: Found) -> None:
    specs = [
        user(1, need("ourmpi", 11, "link", virtuals=MPI)),
        user(2, need("openmpi", 12, "link", virtuals=("ours",))),
        build(11, "ourmpi"),
        build(12, "openmpi", version="5.0.5"),
        build(13, "ourmpi"),
        build(14, "openmpi", version="4.1.6"),
    ]
    for dialect in BOTH:
        find = found(specs, dialect)
        assert find("mpi") == {11, 12, 13, 14}
        assert find("mpi@4:") == find("mpi@99:") == {11, 13}  # in versions that nobody knows
        assert find("^mpi@4:") == {1}
        assert find("ours") == {12, 14}


def test_a_version_in_0_may_be_that_of_any_provider_below(found: Found) -> None:
    specs = [
        user(1, need("openmpi", 11, "link", virtuals=MPI), need("p2", 2, "build")),
        user(2, need("mpich", 12, "build")),
        build(11, "openmpi", version="4.1.6"),
        build(12, "mpich", version="4.2"),
    ]
    assert found(specs, OLD)("^mpi@4:") == {1}
    assert found(specs, NEW)("^mpi@4:") == set()


def test_edges_of_formats_that_name_no_virtuals(found: Found) -> None:
    specs = [
        user(1, need("openmpi", 11, "link"), spec_format=3),
        user(2, need("p1", 1, "run"), spec_format=3),
        user(3, need("mpich", 12, "build"), spec_format=2),
        user(4, need("mpich", 12, "test"), spec_format=2),
        user(5, need("p3", 3, "build"), spec_format=1),
        user(6, need("openmpi", 11, "link"), spec_format=4),
        user(7, need("zlib-ng", 13, "link"), spec_format=3),
        build(11, "openmpi", version="4.1.6", spec_format=3),
        build(12, "mpich", version="4.2", spec_format=3),
        build(13, "zlib-ng", variants=(("compat", False),), spec_format=3),
    ]
    find = found(specs, OLD)
    assert find("^mpi") == {1, 2, 3}
    assert find("^mpi@4:") == {3}
    assert find("^zlib-api") == set()


def test_a_package_called_like_a_virtual_stays_itself(found: Found, catalog_of: CatalogOf) -> None:
    specs = [build(1, "jpeg"), build(2, "libjpeg-turbo"), user(3, need("jpeg", 1, "link"))]
    assert found(specs, NEW)("jpeg") == {1}
    assert found(specs, NEW)("^jpeg") == {3}
    result = Engine(catalog_of(specs)).select(Selection().with_text("jpeg"))
    assert (result.package, result.reading()) == ("jpeg", "package = jpeg")


def test_every_provider_by_edges_is_found(engine_0: Engine, engine_1: Engine) -> None:
    for engine in (engine_0, engine_1):
        dag, providers = engine.catalog.dag, engine.evaluator.providers
        assert len(providers.indexed) > 10
        for virtual in providers.indexed:
            at_edges = dag.targets(providers.kinds(virtual))
            assert at_edges and at_edges <= providers.rows((virtual, None)), virtual


# In the browser


def texts(engine: Engine, text: str) -> list[str]:
    return [item.text for item in complete(engine, Selection(text), len(text)).items]


@pytest.fixture
def without_edges(catalog_of: CatalogOf) -> Engine:
    """Builds of pages, of which nobody knows what they depend on."""
    names = ("openmpi", "mpich", "mpich", "mvapich2", "mpifileutils", "zlib", "zlib-ng", "hdf5", "blis")
    return Engine(catalog_of(build(number, name, spec_format=0) for number, name in enumerate(names)))


def test_a_virtual_is_read_as_its_providers(without_edges: Engine) -> None:
    result = without_edges.select(Selection().with_text("mpi"))
    assert result.reading() == "providers of mpi: mpich, mvapich2, openmpi"
    assert {NUMBERS[without_edges.catalog.dag_hash(row)] for row in result.rows} == {0, 1, 2, 3}
    versioned = without_edges.select(Selection().with_text("mpi@4:"))
    assert versioned.reading() == "providers of mpi (@4:): mpich, mvapich2"


def test_what_nothing_here_provides_is_no_name(without_edges: Engine) -> None:
    assert without_edges.select(Selection().with_text("blas")).reading() == 'names like "blas"'
    exact = without_edges.select(Selection("blas", exact=True))
    assert (exact.reading(), len(exact.rows)) == ("providers of blas: none", 0)
    assert without_edges.select(Selection("java", exact=True)).reading() == "package = java"


def test_a_reading_names_the_first_providers(catalog_of: CatalogOf) -> None:
    names = ("mpich", "openmpi", "mpt", "mvapich", "mvapich2", "msmpi", "spectrum-mpi", "nmad", "mpilander")
    engine = Engine(catalog_of(build(number, name) for number, name in enumerate(names)))
    assert engine.select(Selection("mpi", exact=True)).reading() == (
        "providers of mpi: mpich, mpilander, mpt, msmpi, mvapich, mvapich2 and 2 more"
    )


def test_virtuals_are_offered_as_roots(without_edges: Engine) -> None:
    assert texts(without_edges, "mp") == ["mpi"]
    assert complete(without_edges, Selection("mp"), 2).items[0].count == 4
    # of one letter; whole; in the way of zlib; provided by nothing; not the root
    for text in ("m", "mpi", "zl", "bl", "hdf5 mp", "-mp", "m*"):
        assert texts(without_edges, text) == []


def test_facts_are_not_read_before_a_name_asks_for_them(without_edges: Engine) -> None:
    builtin_recipes.cache_clear()
    without_edges.select(Selection())
    without_edges.select(Selection("hdf5 +mpi"))
    assert builtin_recipes.cache_info().misses == 0
    without_edges.select(Selection("mpi"))
    assert builtin_recipes.cache_info().misses == 1


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("hdf5 ^mpi@4:", ""),
        ("hdf5 ^mpi@4:+x", "mpi is a virtual: attributes are ignored"),
        ("hdf5 ^blas@3", "blas is a virtual: versions (not known of ourblas) are ignored"),
        ("hdf5 ^ours@3", "ours is a virtual: versions (the index records none) are ignored"),
    ],
)
def test_versions_that_are_not_known_are_noted(text: str, note: str, catalog_of: CatalogOf) -> None:
    edges = (need("mpich", 2, "link", virtuals=MPI), need("ourblas", 3, "link", virtuals=("blas", "ours")))
    specs: Iterable[Spec] = [
        build(1, "hdf5", dependencies=edges),
        build(2, "mpich", version="4.2"),
        build(3, "ourblas"),
        build(4, "openblas", version="0.3.20"),
    ]
    engine = Engine(catalog_of(of_format(5, specs)))
    (reading,) = engine.select(Selection(text, exact=True)).readings
    assert reading.notes == ((note,) if note else ())
