"""Selections to results: facet counts, rows and package counts against a naive scan over the specs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.catalog import FACET_NAMES, Catalog, compile_catalog
from cachetui.errors import QuerySyntaxError
from cachetui.search import Choice, Engine, PackageCount, Result, Selection
from cachetui.spec import Place, Spec
from tests.conftest import CatalogOf, build, dag_hash, facet_values

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
    catalog = result._catalog
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
    terms=st.lists(st.sampled_from(sorted(TERMS)), max_size=2),
    choices=st.lists(CHOICES, max_size=4, unique_by=lambda choice: (choice.facet, choice.value)).map(tuple),
    package=st.sampled_from(["", "", None, *NAMES, "nosuch"]),
)
def test_random_selections(
    name: str, terms: list[str], choices: tuple[Choice, ...], package: str | None, engine: Engine
) -> None:
    text = " ".join([name, *terms])
    result = engine.select(Selection(text, package=package, choices=choices, exact=True))
    described = [spec for spec in LISTED if all(TERMS[term](spec) for term in terms)]
    named = [spec for spec in described if name in ("", spec.name)]
    matching = [spec for spec in named if chosen(spec, choices)]
    assert (result.matching, result.total, result.all_packages) == (len(matching), len(LISTED), len(NAMES))

    counts = {n: sum(spec.name == n for spec in matching) for n in NAMES if name in ("", n)}
    totals = {n: sum(spec.name == n for spec in LISTED) for n in NAMES}
    expected = [PackageCount(n, counts[n], totals[n]) for n in counts if counts[n] or n == package]
    assert list(result.packages) == expected
    assert result.guesses == len(result.packages)

    shown = package
    if package is None:
        shown = name if counts.get(name) else ""
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


def test_best_match_is_picked(engine: Engine) -> None:
    assert engine.select(Selection().with_text("hdf5")).package == "hdf5"
    assert engine.select(Selection().with_text("h5py")).package == "py-h5py"
    assert engine.select(Selection().with_text("")).package == ""
    assert engine.select(Selection().with_text("+mpi")).package == ""
    assert engine.select(Selection().with_text("qqqqq")).package == ""


def test_best_match_has_a_matching_build(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, "hdf5"), build(2, "hdf5-blosc", variants=(("mpi", True),))])
    result = Engine(catalog).select(Selection("hdf5 +mpi", package=None))
    assert (result.package, [package.name for package in result.packages]) == ("hdf5-blosc", ["hdf5-blosc"])


def test_no_match_at_all(engine: Engine) -> None:
    for exact in (False, True):
        result = engine.select(Selection("qqqqq", package=None, exact=exact))
        assert (result.packages, result.matching, len(result.rows)) == ((), 0, 0)
        assert {count.count for count in result.facet_counts("os")} == {0}


def test_guesses_do_not_count_beside_literal_matches(catalog_of: CatalogOf) -> None:
    names = ["netcdf-c", "netcdf-fortran", "pnetcdf", "netcfd", "necdf"]
    engine = Engine(catalog_of(build(number, name) for number, name in enumerate(names)))
    result = engine.select(Selection("netcdf", package=""))
    literal = [package.name for package in result.packages[: result.guesses]]
    assert sorted(literal) == ["netcdf-c", "netcdf-fortran", "pnetcdf"]
    assert len(result.packages) > result.guesses
    assert result.matching == len(result.rows) == 3
    assert sum(count.count for count in result.facet_counts("os")) == 3


def test_guesses_count_where_there_is_nothing_else(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "netcdf-c"), build(2, "zlib")]))
    result = engine.select(Selection("netdcf-c", package=""))
    assert (result.guesses, [package.name for package in result.packages]) == (0, ["netcdf-c"])
    assert result.matching == len(result.rows) == 1


def test_selected_package_stays_without_a_match(engine: Engine) -> None:
    result = engine.select(Selection("zlib @9", package="zlib"))
    assert [(p.name, p.matching) for p in result.packages] == [("zlib", 0)]


def test_aliases(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "hdf5")]), {"ha-de-eff": "hdf5"})
    assert engine.select(Selection("ha-de-eff", package=None)).package == "hdf5"


def test_bad_query(engine: Engine) -> None:
    with pytest.raises(QuerySyntaxError):
        engine.select(Selection("hdf5 @"))


def test_reading(engine: Engine) -> None:
    selection = Selection(
        "hdf5 +mpi %gcc@13", choices=(Choice("os", "rhel8"), Choice("target", "zen4", True))
    )
    assert engine.select(selection).reading() == (
        "package ~ hdf5 and +mpi and %gcc@13 and os rhel8 and not target zen4"
    )
    assert engine.select(Selection("hdf5", exact=True)).reading() == "package = hdf5"
    assert engine.select(Selection()).reading() == ""


def test_choices_of_a_facet_read_as_one(engine: Engine) -> None:
    choices = (
        Choice("compiler", "gcc@11.4.0"),
        Choice("os", "rhel8", True),
        Choice("compiler", "gcc@13.2.0"),
        Choice("compiler", "clang@17", True),
        Choice("os", "ubuntu22.04", True),
    )
    assert engine.select(Selection("zlib", choices=choices)).reading() == (
        "package ~ zlib and compiler gcc@11.4.0 or gcc@13.2.0 and not compiler clang@17"
        " and not os rhel8 or ubuntu22.04"
    )


def test_terms_that_no_build_has_are_told(engine: Engine) -> None:
    result = engine.select(Selection("zlib +nosuch +mpi @9"))
    assert [str(term) for term in result.unmet] == ["+nosuch", "@9"]
    assert result.reading() == (
        "package ~ zlib and +nosuch (no build has it) and +mpi and @9 (no build has it)"
    )
    both = engine.select(Selection("+mpi ~mpi"))
    assert (both.unmet, len(both.rows)) == ((), 0)
    assert both.reading() == "+mpi and ~mpi"


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
        f"{PASTED[:9]} zlib",  # two words
        f"{PASTED[:9].upper()}",  # a hash has small letters
    ):
        assert engine.select(Selection(text)).query.name == text
    exact = engine.select(Selection(PASTED, exact=True))
    assert (exact.query.name, len(exact.rows)) == (PASTED, 0)


# The text of a spec as a query


@pytest.mark.parametrize("exact", [True, False])
def test_the_text_of_a_spec_finds_it(exact: bool, real_catalog: Catalog) -> None:
    engine = Engine(real_catalog)
    texts = {row: real_catalog.spec(row).text() for row in real_catalog.listed}
    assert len(texts) > 300
    for row, text in texts.items():
        result = engine.select(Selection(text, package=None, exact=exact))
        assert row in result.rows, text
        assert result.unmet == ()
        alike = {other for other in texts if texts[other] == text}
        assert set(result.rows) >= alike


def test_what_else_the_text_of_a_spec_finds_is_of_its_package(real_catalog: Catalog) -> None:
    engine = Engine(real_catalog)
    for row in real_catalog.listed:
        spec = real_catalog.spec(row)
        for other in engine.select(Selection(spec.text(), exact=True)).rows:
            found = real_catalog.spec(other)
            for part in ("name", "platform", "os", "target"):
                assert getattr(found, part) == getattr(spec, part)
            assert set(spec.variants) <= set(found.variants)


# The selection itself


def test_toggling() -> None:
    once = Selection().toggling("os", "rhel8")
    assert once.choices == (Choice("os", "rhel8"),)
    assert once.toggling("os", "rhel8") == Selection()
    excluded = once.toggling("os", "rhel8", excluded=True)
    assert excluded.choices == (Choice("os", "rhel8", excluded=True),)
    both = once.toggling("target", "zen4").toggling("os", "ubuntu22.04")
    assert [choice.value for choice in both.choices] == ["rhel8", "zen4", "ubuntu22.04"]
    assert both.choice("os", "rhel8") == Choice("os", "rhel8")
    assert both.choice("os", "zen4") is None
    assert both.without_choices("os").choices == (Choice("target", "zen4"),)
    assert both.without_choices() == Selection()


def test_sorting() -> None:
    first = Selection().sorted_by("version")
    assert (first.sort, first.descending) == ("version", False)
    second = first.sorted_by("version")
    assert (second.sort, second.descending) == ("version", True)
    assert second.sorted_by("version") == Selection()
    assert second.sorted_by("os") == Selection(sort="os")


def test_other_text_keeps_the_choices() -> None:
    before = Selection("a", package="b", exact=True, sort="os").toggling("os", "rhel8")
    after = before.with_text("c")
    assert (after.text, after.package, after.choices, after.sort) == ("c", None, before.choices, "os")
    assert after.with_package("d").package == "d"
    assert before.package == "b"
