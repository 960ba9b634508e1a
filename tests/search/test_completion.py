"""What is offered while a query is typed: what the builds that it finds have, most frequent first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from cachetui.query import Dialect
from cachetui.search import Choice, Engine, Selection, complete, without_unfinished
from cachetui.search.completion import LIMIT
from cachetui.spec import Dependency, Spec
from tests.conftest import CatalogOf, build, dag_hash

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1
BOTH = pytest.mark.parametrize("dialect", Dialect)

Offered = Callable[[str], dict[str, int]]


def edge(name: str, number: int, *virtuals: str) -> Dependency:
    return Dependency(name, dag_hash(number), ("build", "link"), virtuals)


def hdf5(number: int, dialect: Dialect, compiler: str, *edges: Dependency, **fields: Any) -> Spec:
    """A build by a compiler: an attribute to 0.23, an edge to 1.x."""
    numbers = {"gcc@13.2.0": 20, "gcc@11.4.0": 21, "clang@17.0.6": 22}
    name = compiler.partition("@")[0].replace("clang", "llvm")
    virtuals = ("c", "cxx") if name == "gcc" else ("c",)
    built_by = () if dialect is OLD else (edge(name, numbers[compiler], *virtuals),)
    compilers = (compiler,) if dialect is OLD else None
    return build(number, "hdf5", compilers=compilers, dependencies=(*edges, *built_by), **fields)


def of_packages(dialect: Dialect) -> list[Spec]:
    gcc, old_gcc, clang = "gcc@13.2.0", "gcc@11.4.0", "clang@17.0.6"
    on, off = (("mpi", True), ("shared", True)), (("mpi", True), ("shared", False))
    specs = [
        hdf5(1, dialect, gcc, edge("zlib", 10), edge("openmpi", 13, "mpi"), version="1.14.5", variants=on),
        hdf5(2, dialect, gcc, edge("zlib", 10), edge("mpich", 14, "mpi"), version="1.14.5", variants=on),
        hdf5(3, dialect, old_gcc, edge("zlib", 11), edge("openmpi", 13, "mpi"), version="1.12", variants=off),
        hdf5(4, dialect, clang, edge("zlib", 12), version="1.2", variants=(("api", "v18"), ("mpi", False))),
        build(10, "zlib", version="1.3", variants=(("pic", True), ("shared", True)), compilers=()),
        build(11, "zlib", version="1.2.13", variants=(("pic", True),), compilers=()),
        build(12, "zlib", version="1.2.11", variants=(("pic", False),), compilers=()),
        build(13, "openmpi", version="4.1.6", compilers=()),
        build(14, "mpich", version="4.2", compilers=()),
        build(20, "gcc", version="13.2.0", variants=(("lto", True),), compilers=()),
        build(21, "gcc", version="11.4.0", variants=(("lto", False),), compilers=()),
        build(22, "llvm", version="17.0.6", compilers=()),
    ]
    targets = {1: "zen4", 2: "zen4", 3: "zen2"}
    given = [replace(spec, target=targets.get(i, "x86_64_v3")) for i, spec in enumerate(specs, start=1)]
    return [replace(spec, spec_format=4 if dialect is OLD else 5) for spec in given]


@pytest.fixture
def engine(dialect: Dialect, catalog_of: CatalogOf) -> Engine:
    return Engine(catalog_of(of_packages(dialect)))


@pytest.fixture
def offered(engine: Engine) -> Offered:
    """What is offered at the end of a text, or where `|` stands in it, in its order."""

    def at(text: str) -> dict[str, int]:
        before, _, after = text.partition("|")
        found = complete(engine, Selection(before + after), len(before))
        return {item.text: item.count for item in found.items}

    return at


@BOTH
@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("hdf5@", {"1.14.5": 2, "1.2": 1, "1.12": 1}),
        ("hdf5@=", {"1.14.5": 2, "1.2": 1, "1.12": 1}),
        ("hdf5@1.1", {"1.14.5": 2, "1.12": 1}),
        ("hdf5@1.2:", {"1.14.5": 4, "1.12": 2, "1.2": 1}),
        ("hdf5@1.13:", {"1.14.5": 2}),
        ("hdf5@1.2,1.14", {"1.14.5": 3}),
        ("hdf5@1.2,=1.14", {"1.14.5": 3}),
        ("hdf5@9", {}),
        ("hdf5+", {"mpi": 3, "shared": 2}),
        ("hdf5 +s", {"shared": 2}),
        ("hdf5~", {"mpi": 1, "shared": 1}),
        ("hdf5 -", {"mpi": 1, "shared": 1}),
        ("hdf5 ++", {"mpi": 3, "shared": 2}),
        ("hdf5@1.14+", {"mpi": 2, "shared": 2}),
        ("hdf5+mpi~", {"shared": 1}),
        ("hdf5 target=", {"zen4": 2, "x86_64_v3": 1, "zen2": 1}),
        ("hdf5 target=zen", {"zen4": 2, "zen2": 1}),
        ("hdf5 target=zen2,", {"zen4": 2, "x86_64_v3": 1, "zen2": 1}),
        ("hdf5 target=x86_64:z", {"zen4": 4, "zen2": 2}),
        ("hdf5 target=zen3:", {"zen4": 2}),
        ("hdf5 target=nosuch:", {}),
        ("hdf5 mpi=", {"true": 3, "false": 1}),
        ("hdf5 os=", {"debian12": 4}),
        ("hdf5 operating_system=", {"debian12": 4}),
        ("hdf5 mirror=", {"here": 4}),
        ("hdf5 api=", {"v18": 1}),
        ("hdf5 nosuch=", {}),
        ("hdf5 ^z", {"zlib": 4}),
        ("hdf5 +mpi ^m", {"mpi": 3, "mpich": 1}),
        ("hdf5 ^mpi=", {"openmpi": 2, "mpich": 1}),
        ("hdf5 ^zlib@", {"1.3": 2, "1.2.11": 1, "1.2.13": 1}),
        ("hdf5 ^zlib+", {"pic": 3, "shared": 2}),
        ("hdf5 ^zlib@1.3+", {"pic": 2, "shared": 2}),
        ("hdf5 ^zlib ~", {"pic": 1}),
        ("hdf5 ^zlib target=", {"x86_64_v3": 4}),
        ("hdf5 ^[virtuals=mpi] openmpi@", {"4.1.6": 2}),
        ("hdf5 %gcc@", {"13.2.0": 2, "11.4.0": 1}),
        ("hdf5 %gcc@11", {"11.4.0": 1}),
        ("hdf5 @| +shared", {"1.14.5": 2}),
        ("hdf5 %| ^openmpi", {"gcc": 2}),
        ("nosuch +", {}),
    ],
)
def test_in_both_dialects(dialect: Dialect, text: str, items: dict[str, int], offered: Offered) -> None:
    assert list(offered(text).items()) == list(items.items())


@pytest.mark.parametrize(
    ("dialect", "text", "items"),
    [
        (OLD, "hdf5 %", {"gcc": 3, "clang": 1}),
        (NEW, "hdf5 %", {"gcc": 3, "llvm": 1}),
        (NEW, "hdf5 %%g", {"gcc": 3}),
        (OLD, "hdf5 %clang@", {"17.0.6": 1}),
        (OLD, "hdf5 ^", {"zlib": 4, "mpi": 3, "openmpi": 2, "mpich": 1}),
        (NEW, "hdf5 %gcc ^m", {"mpi": 3, "mpich": 1}),
        (NEW, "hdf5 %c=", {"gcc": 3, "llvm": 1}),
        (NEW, "hdf5 %c,cxx=", {"gcc": 3}),
        (NEW, "hdf5 %c=l", {"llvm": 1}),
        (NEW, "hdf5 %c=gcc@", {"13.2.0": 2, "11.4.0": 1}),
        (NEW, "hdf5 %c=gcc+", {"lto": 2}),
        (OLD, "hdf5 %gcc +", {"mpi": 3, "shared": 2}),
        (NEW, "hdf5 %gcc +", {"lto": 2}),
        (NEW, "hdf5 %gcc~", {"lto": 1}),
        (OLD, "hdf5 %gcc@13 target=", {"zen4": 2}),
        (NEW, "hdf5 %gcc@13 target=", {"x86_64_v3": 2}),
    ],
)
def test_as_the_spack_reads_it_that_wrote_most_records(
    dialect: Dialect, text: str, items: dict[str, int], offered: Offered
) -> None:
    assert list(offered(text).items()) == list(items.items())


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "",
        "hdf5",
        "hdf",
        "hdf5 ",
        "hdf5-",
        "builtin.",
        "hdf5 /aaaa",
        "hdf5 cflags='-O3 -",
        'hdf5 cflags="-O3 %',
    ],
)
def test_nothing_is_offered_inside_words_and_quotes(dialect: Dialect, text: str, offered: Offered) -> None:
    assert offered(text) == {}


@BOTH
def test_the_part_that_is_typed(dialect: Dialect, engine: Engine) -> None:
    found = complete(engine, Selection("hdf5 target=ze"), len("hdf5 target=ze"))
    assert (found.part, found.rest) == ("ze", "n4")
    whole = complete(engine, Selection("hdf5 target=zen4"), len("hdf5 target=zen4"))
    assert (whole.part, whole.rest, whole.items) == ("zen4", "", ())


@BOTH
def test_choices_count_too(dialect: Dialect, engine: Engine) -> None:
    selection = Selection("hdf5 target=", choices=(Choice("variant", "~shared"),))
    assert [item.text for item in complete(engine, selection, len(selection.text)).items] == ["zen2"]


@pytest.mark.parametrize("dialect", [OLD])
def test_values_are_offered_as_they_may_stand(dialect: Dialect, catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, variants=(("s", ("a b", "it's", "plain")),))]))
    texts = [item.text for item in complete(engine, Selection("zlib s="), len("zlib s=")).items]
    assert sorted(texts) == ['"it\'s"', "'a b'", "plain"]
    for text in texts:
        assert len(engine.select(Selection(f"zlib s={text}")).rows) == 1


def test_only_the_most_frequent_are_offered(catalog_of: CatalogOf) -> None:
    specs = [build(number, version=f"1.{number}") for number in range(LIMIT + 5)]
    engine = Engine(catalog_of([*specs, build(99, version=f"1.{LIMIT + 4}")]))
    items = complete(engine, Selection("zlib@"), len("zlib@")).items
    assert (len(items), items[0].text, items[0].count) == (LIMIT, f"1.{LIMIT + 4}", 2)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [("hdf5 ^", OLD), ("hdf5 %", NEW), ("hdf5@", NEW), ("hdf5+", OLD), ("hdf5 target=", NEW)],
)
def test_what_is_offered_finds_as_many_as_it_says(text: str, dialect: Dialect, engine: Engine) -> None:
    items = complete(engine, Selection(text), len(text)).items
    assert items
    for item in items:
        exactly = text.replace("@", "@=") + item.text
        assert len(engine.select(Selection(exactly)).rows) == item.count


@BOTH
def test_variants_that_are_given_are_not_offered_again(dialect: Dialect, offered: Offered) -> None:
    assert offered("hdf5 +mpi +") == {"shared": 2}
    assert offered("hdf5 ~mpi ^zlib+pic +") == {}
    assert offered("hdf5 +mpi ^zlib ~") == {}
    assert offered("hdf5 +shared ^zlib+") == {"pic": 2, "shared": 2}


@BOTH
def test_long_lists_are_split_in_linear_time(dialect: Dialect) -> None:
    versions = ",".join(f"=1.{number}" for number in range(400))
    assert without_unfinished(f"hdf5 @{versions} +x") == f"hdf5 @{versions} "
    assert without_unfinished(f"hdf5 @{versions} &") is None
