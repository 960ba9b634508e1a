"""Selections to results: facet counts, rows and package counts against a naive scan over the specs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.errors import QuerySyntaxError
from cachetui.search import Choice, Engine, PackageCount, Result, Selection
from cachetui.spec import Dependency, Place, Spec
from tests.conftest import FACET_NAMES, CatalogOf, build, dag_hash, facet_values

NAMES = ("hdf5", "hdf5-blosc", "netcdf", "py-h5py", "zlib")


def random_specs(count: int, seed: int) -> list[Spec]:
    """Specs with few different values, so that selections overlap."""
    pick = random.Random(seed)
    return [
        build(
            number,
            pick.choice(NAMES),
            version=pick.choice(["1.14.6", "1.14", "1.2", "2.0", "develop", ""]),
            compilers=pick.choice(
                [("gcc@13.2.0",), ("gcc@11.4.0",), ("clang@17",), (), ("gcc@13.2.0", "clang@17")]
            ),
            os=pick.choice(["rhel8", "ubuntu22.04"]),
            target=pick.choice(["zen4", "x86_64_v3", "neoverse_v1"]),
            platform=pick.choice(["linux", "darwin"]),
            variants=pick.choice(
                [
                    (),
                    (("mpi", True),),
                    (("api", "v18"), ("mpi", False)),
                    (("langs", ("c", "c++")), ("mpi", True)),
                ]
            ),
            places=tuple(
                sorted(
                    {Place(*(pick.choice(("", part + "1", part + "2")) for part in "mts")) for _ in range(2)}
                )
            ),
            in_buildcache=pick.random() < 0.8,
            external=pick.choice(["", "", "", "/usr"]),
        )
        for number in range(count)
    ]


SPECS = random_specs(300, seed=1)
LISTED = [spec for spec in SPECS if spec.listed]
Meets = Callable[[Spec], bool]


def numbers(version: str) -> list[str]:
    return version.split(".")


TERMS: dict[str, Meets] = {
    "@1.14": lambda spec: numbers(spec.version)[:2] == ["1", "14"],
    "@=1.14": lambda spec: spec.version == "1.14",
    "@develop": lambda spec: spec.version == "develop",
    "@9": lambda spec: False,
    "%gcc": lambda spec: any(c.startswith("gcc@") for c in spec.compilers or ()),
    "%gcc@13": lambda spec: "gcc@13.2.0" in (spec.compilers or ()),
    "%clang@=17": lambda spec: "clang@17" in (spec.compilers or ()),
    "+mpi": lambda spec: ("mpi", True) in spec.variants,
    "~mpi": lambda spec: ("mpi", False) in spec.variants,
    "mpi=true": lambda spec: ("mpi", True) in spec.variants,
    "api=v18": lambda spec: ("api", "v18") in spec.variants,
    "langs=c++": lambda spec: ("langs", ("c", "c++")) in spec.variants,
    "os=rhel8": lambda spec: spec.os == "rhel8",
    "target=zen4": lambda spec: spec.target == "zen4",
    "platform=darwin": lambda spec: spec.platform == "darwin",
    "stack=s1": lambda spec: any(place.stack == "s1" for place in spec.places),
    "tag=t2": lambda spec: any(place.tag == "t2" for place in spec.places),
    "mirror=m1": lambda spec: any(place.mirror == "m1" for place in spec.places),
    f"/{dag_hash(7)[:31]}": lambda spec: spec.dag_hash.startswith(dag_hash(7)[:31]),
}


def attribute(term: str) -> str:
    """What a term is about; a spec has it once."""
    return term[0] if term[0] in "@%/" else term.lstrip("+~").partition("=")[0]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("engine") / "c.sqlite"
    compile_catalog(SPECS, path)
    with closing(Catalog(path)) as catalog:
        yield Engine(catalog)


def chosen(spec: Spec, choices: tuple[Choice, ...]) -> bool:
    """OR inside a facet, AND between facets, without the excluded."""
    for facet in {choice.facet for choice in choices}:
        values = facet_values(spec, facet)
        wanted = {c.value for c in choices if c.facet == facet and not c.excluded}
        unwanted = {c.value for c in choices if c.facet == facet and c.excluded}
        if (wanted and not wanted & values) or unwanted & values:
            return False
    return True


def hashes(result: Result) -> set[str]:
    catalog = result.catalog
    return {catalog.dag_hash(row) for row in result.rows}


VALUES = sorted({(f, value) for f in FACET_NAMES for spec in SPECS for value in facet_values(spec, f)})
CHOICES = st.builds(
    lambda pair, excluded: Choice(pair[0], pair[1], excluded),
    st.sampled_from([*VALUES, ("os", "nosuch")]),
    st.sampled_from([False, False, True]),
)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["", "", *NAMES, "nosuch"]),
    terms=st.lists(st.sampled_from(sorted(TERMS)), max_size=2, unique_by=attribute),
    choices=st.lists(CHOICES, max_size=4, unique_by=lambda choice: (choice.facet, choice.value)).map(tuple),
    package=st.sampled_from(["", "", None, *NAMES, "nosuch"]),
)
def test_random_selections(
    name: str, terms: list[str], choices: tuple[Choice, ...], package: str | None, engine: Engine
) -> None:
    # An @ after a compiler would be that of the compiler.
    text = " ".join([name, *sorted(terms, key=lambda term: "%" in term)])
    result = engine.select(Selection(text, package=package, choices=choices, exact=True))
    known = LISTED if name in ("", *NAMES) else []
    described = [spec for spec in known if all(TERMS[term](spec) for term in terms)]
    named = [spec for spec in described if name in ("", spec.name)]
    matching = [spec for spec in named if chosen(spec, choices)]
    assert (result.matching, result.total, result.all_packages) == (len(matching), len(LISTED), len(NAMES))

    counts = {n: sum(spec.name == n for spec in matching) for n in NAMES if name in ("", n)}
    totals = {n: sum(spec.name == n for spec in LISTED) for n in NAMES}
    shown = package
    if package is None:
        shown = name if name in NAMES else ""
    expected = [PackageCount(n, counts[n], totals[n]) for n in counts if counts[n] or n == shown]
    assert list(result.packages) == expected
    assert result.packages.guesses == len(result.packages)

    assert result.package == shown
    scope = [spec for spec in described if spec.name == shown] if shown else named
    assert hashes(result) == {spec.dag_hash for spec in scope if chosen(spec, choices)}

    for facet in FACET_NAMES:
        others = tuple(choice for choice in choices if choice.facet != facet)
        base = [facet_values(spec, facet) for spec in scope if chosen(spec, others)]
        found = {count.value: count.count for count in result.facet_counts(facet)}
        assert found == {value: sum(value in values for values in base) for f, value in VALUES if f == facet}


def test_own_choice_does_not_reduce_own_counts(engine: Engine) -> None:
    free = engine.select(Selection())
    chosen_os = engine.select(Selection(choices=(Choice("os", "rhel8"),)))
    assert chosen_os.facet_counts("os") == free.facet_counts("os")
    assert chosen_os.facet_counts("target") != free.facet_counts("target")
    assert 0 < len(chosen_os.rows) < len(free.rows) == len(LISTED)


def test_unlisted_builds_are_never_counted(engine: Engine) -> None:
    assert len(LISTED) < len(SPECS)
    result = engine.select(Selection(choices=(Choice("platform", "linux"), Choice("platform", "darwin"))))
    assert len(result.rows) == len(LISTED)
    assert sum(package.total for package in result.packages) == len(LISTED)


# Names


@pytest.mark.parametrize("text", ["", "hdf5", "zlib", "+mpi", "%gcc", "qqqqq"])
def test_the_leading_values_are_those_of_all_counts(text: str, real_catalog: Catalog) -> None:
    result = Engine(real_catalog).select(Selection(text))
    for facet in FACET_NAMES:
        counted = [count for count in result.facet_counts(facet) if count.count]
        counted = counted[::-1] if facet == "version" else sorted(counted, key=lambda c: -c.count)
        for number in (1, 5, 1000):
            assert result.leading_counts(facet, number) == counted[:number]
        values = [count.value for count in counted[:3]]
        assert result.counts_of(facet, values) == counted[:3]


def names(result: Result) -> tuple[list[str], list[str]]:
    """The packages that are meant, and those that are guesses."""
    found = [package.name for package in result.packages]
    return found[: result.packages.guesses], found[result.packages.guesses :]


NAMED = [
    build(1, "hdf5", namespace="builtin"),
    build(2, "hdf5-blosc", variants=(("mpi", True),), namespace="builtin"),
    build(3, "netcdf-c"),
    build(4, "netcdf-fortran"),
    build(5, "openmpi", version="4.1.6"),
    build(7, "mpich", version="3.4"),
    build(8, "mpileaks", dependencies=(Dependency("openmpi", dag_hash(5), ("link",), ("mpi",)),)),
    build(9, "mpifileutils", dependencies=(Dependency("mpich", dag_hash(7), ("link",), ("mpi",)),)),
]


@pytest.fixture
def named(catalog_of: CatalogOf) -> Engine:
    return Engine(catalog_of(NAMED))


@pytest.mark.parametrize(
    ("text", "words", "package", "meant", "guesses"),
    [
        ("hdf5", "hdf5", "hdf5", ["hdf5"], ["hdf5-blosc"]),
        (" hdf5 @1", "hdf5", "hdf5", ["hdf5"], ["hdf5-blosc"]),
        ("hdf5%gcc", "hdf5", "hdf5", ["hdf5"], ["hdf5-blosc"]),
        ("builtin.hdf5", "hdf5", "hdf5", ["hdf5"], ["hdf5-blosc"]),
        ("nosuch.hdf5", "nosuch.hdf5", "", [], []),
        ("hdf5 blosc", "hdf5 blosc", "hdf5-blosc", ["hdf5-blosc"], []),
        ("netcdf", "netcdf", "netcdf-c", ["netcdf-c", "netcdf-fortran"], []),
        ("netcdf@1.3", "netcdf", "netcdf-c", ["netcdf-c", "netcdf-fortran"], []),
        ("netcdf os=debian12", "netcdf", "netcdf-c", ["netcdf-c", "netcdf-fortran"], []),
        ("HDF5", "HDF5", "hdf5", ["hdf5", "hdf5-blosc"], []),
        ("qqqqq", "qqqqq", "", [], []),
        ("+mpi", "", "", ["hdf5-blosc"], []),
    ],
)
def test_what_the_leading_words_name(
    text: str, words: str, package: str, meant: list[str], guesses: list[str], named: Engine
) -> None:
    result = named.select(Selection().with_text(text))
    assert (result.words, result.package, *names(result)) == (words, package, meant, guesses)


def test_guesses_beside_a_package_that_is_named_do_not_count(named: Engine) -> None:
    result = named.select(Selection("hdf5"))
    assert (result.matching, [p.matching for p in result.packages]) == (1, [1, 1])
    assert hashes(result) == {dag_hash(1)}
    assert hashes(named.select(Selection("hdf5", package="hdf5-blosc"))) == {dag_hash(2)}
    assert names(named.select(Selection("hdf5", exact=True))) == (["hdf5"], [])
    assert names(named.select(Selection("hdf", exact=True))) == ([], [])


def test_one_whole_name_is_read_as_spack_reads_it(named: Engine) -> None:
    assert named.select(Selection("hdf5")).reading() == "package = hdf5"
    assert named.select(Selection("builtin.hdf5+x")).reading() == (
        "package = hdf5 and +x (no build has it) and namespace=builtin"
    )
    assert named.select(Selection("hdf5 blosc")).reading() == 'names like "hdf5 blosc"'
    assert named.select(Selection("netcdf@1")).reading() == 'names like "netcdf" and @1'


def test_a_virtual_with_spec_syntax_right_after_it_means_its_providers(named: Engine) -> None:
    result = named.select(Selection("mpi@4:", package=None))
    assert (result.words, result.package, *names(result)) == ("mpi", "", ["mpich"], [])
    assert hashes(result) == {dag_hash(7)}
    assert result.reading() == "providers of mpi (@4:): mpich"
    exact = named.select(Selection("mpi", package=None, exact=True))
    assert (names(exact), hashes(exact)) == ((["mpich", "openmpi"], []), {dag_hash(5), dag_hash(7)})


def test_a_virtual_by_itself_means_its_providers_until_more_is_typed(named: Engine) -> None:
    result = named.select(Selection("mpi", package=None))
    assert (result.reading(), result.package) == ("providers of mpi: mpich, openmpi", "")
    assert names(result) == (["mpich", "openmpi"], [])
    assert "mpileaks" in names(named.select(Selection("mpil", package=None)))[0]


def test_best_match_is_picked(engine: Engine) -> None:
    assert engine.select(Selection().with_text("hdf5")).package == "hdf5"
    assert engine.select(Selection().with_text("h5py")).package == "py-h5py"
    assert engine.select(Selection().with_text("")).package == ""
    assert engine.select(Selection().with_text("+mpi")).package == ""


def test_best_match_has_a_matching_build(named: Engine) -> None:
    result = named.select(Selection("hdf +mpi", package=None))
    assert (result.package, names(result)) == ("hdf5-blosc", (["hdf5-blosc"], []))


def test_no_match_at_all(engine: Engine) -> None:
    for exact in (False, True):
        result = engine.select(Selection("qqqqq", package=None, exact=exact))
        assert (list(result.packages), result.matching, len(result.rows)) == ([], 0, 0)
        assert {count.count for count in result.facet_counts("os")} == {0}


def test_guesses_do_not_count_beside_literal_matches(catalog_of: CatalogOf) -> None:
    packages = ["netcdf-c", "netcdf-fortran", "pnetcdf", "netcfd", "necdf"]
    engine = Engine(catalog_of(build(number, name) for number, name in enumerate(packages)))
    result = engine.select(Selection("netcdf", package=""))
    literal, guesses = names(result)
    assert sorted(literal) == ["netcdf-c", "netcdf-fortran", "pnetcdf"]
    assert guesses
    assert result.matching == len(result.rows) == 3
    assert sum(count.count for count in result.facet_counts("os")) == 3


def test_guesses_count_where_there_is_nothing_else(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "netcdf-c"), build(2, "zlib")]))
    result = engine.select(Selection("netdcf-c", package=""))
    assert names(result) == ([], ["netcdf-c"])
    assert result.matching == len(result.rows) == 1


def test_selected_package_stays_without_a_match(engine: Engine) -> None:
    result = engine.select(Selection("zlib @9", package="zlib"))
    assert [(p.name, p.matching) for p in result.packages] == [("zlib", 0)]


def test_aliases(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "hdf5")]), {"ha-de-eff": "hdf5"})
    assert engine.select(Selection("ha-de-eff", package=None)).package == "hdf5"


def test_bad_query(engine: Engine) -> None:
    for text in ("hdf5 @", "hdf5 +mpi &", "+mpi ~mpi"):
        with pytest.raises(QuerySyntaxError):
            engine.select(Selection(text))


def test_reading(engine: Engine) -> None:
    selection = Selection(
        "hdf5 +mpi %gcc@13", choices=(Choice("os", "rhel8"), Choice("target", "zen4", True))
    )
    assert engine.select(selection).reading() == (
        "package = hdf5 and +mpi and %gcc@13 and os=rhel8 and not target=zen4"
    )
    assert engine.select(Selection("hdf5", exact=True)).reading() == "package = hdf5"
    assert engine.select(Selection()).reading() == ""


def test_demands_that_no_build_meets_are_shown(engine: Engine) -> None:
    result = engine.select(Selection("zlib @9 +mpi +nosuch"))
    (reading,) = result.readings
    assert reading.demands == ("@9", "+mpi", "+nosuch")
    assert sorted(reading.unmet) == ["+nosuch", "@9"]
    assert result.reading() == (
        "package = zlib and @9 (no build has it) and +mpi and +nosuch (no build has it)"
    )
    both = engine.select(Selection("api=v18 langs=c"))
    assert (both.readings[0].unmet, len(both.rows)) == (frozenset(), 0)
    assert both.reading() == "api=v18 and langs=c"


def test_what_is_shown_is_counted(engine: Engine) -> None:
    choices = (Choice("os", "rhel8"),)
    one = engine.select(Selection("zlib", package=None, choices=choices))
    total = sum(spec.name == "zlib" for spec in LISTED)
    assert one.shown == PackageCount("zlib", len(one.rows), total) and 0 < len(one.rows) < total
    everything = engine.select(Selection(choices=choices))
    assert everything.shown == PackageCount("", len(everything.rows), len(LISTED))
    nothing = engine.select(Selection("zlib @9", package="zlib"))
    assert nothing.shown == PackageCount("zlib", 0, total)


# A hash that was pasted

PASTED = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.mark.parametrize("length", [7, 8, 31, 32])
def test_a_pasted_hash_is_read_as_one(length: int, catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "hdf5"), build(2, "zlib", dag_hash=PASTED)]))
    result = engine.select(Selection(PASTED[:length], package=None))
    assert (hashes(result), result.package) == ({PASTED}, "")
    assert result.reading() == f"/{PASTED[:length]}"
    result = engine.select(Selection(f"{PASTED[:length]} @9", package=None))
    assert (hashes(result), result.reading()) == (set(), f"@9 (no build has it) and /{PASTED[:length]}")


def test_what_is_no_pasted_hash_stays_a_name(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "xabcdefghx"), build(2, "zlib", dag_hash=PASTED)]))
    for text in (
        "abcdef",  # too short
        "abcdefgh",  # inside the name of a package
        "bcdefgh",  # inside a name too, and no beginning of a hash
        "zyxwvut",  # no hash begins so
        PASTED + "a",  # too long
        f"{PASTED[:9].upper()}",  # a hash has small letters
    ):
        result = engine.select(Selection(text))
        assert (result.words, result.reading()) == (text, f'names like "{text}"')
    exact = engine.select(Selection(PASTED, exact=True))
    assert (exact.reading(), len(exact.rows)) == (f"package = {PASTED}", 0)
