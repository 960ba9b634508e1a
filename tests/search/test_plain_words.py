"""Plain words in a query: what they mean by what the builds of a package have."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cachetui.errors import QuerySyntaxError
from cachetui.search import Engine, Result, Selection
from tests.conftest import DATA

PAIRS = [line.split("\t") for line in (DATA / "plain_queries.tsv").read_text().splitlines()]


def typed(engine: Engine, text: str) -> Result:
    """The result of a text as it is typed."""
    return engine.select(Selection().with_text(text))


@pytest.mark.parametrize(("text", "spec"), PAIRS)
def test_plain_words_find_what_their_spec_finds(text: str, spec: str, engine_0: Engine) -> None:
    result = typed(engine_0, text)
    assert result.rows == engine_0.select(Selection(spec, exact=True)).rows
    assert result.rows and result.notes == ()
    assert result.written in ("", spec)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("hdf5 mpi @1.14 %gcc zen3", "hdf5@1.14 +mpi target=:zen3 %gcc"),
        ("hdf5+mpi zen3", "hdf5 +mpi target=:zen3"),
        ("hdf5@1.14 mpi", "hdf5@1.14 +mpi"),
        ("hdf5 openmpi@5", "hdf5 ^openmpi@5"),
        ("hdf5 openmpi 5", "hdf5 ^openmpi@5"),
        ("openmpi gcc/13.2.0", "openmpi %gcc@13.2.0"),
        ("hdf5 gcc 1.14", "hdf5@1.14 %gcc"),
        ("hdf5 with mpi, fortran and zen3", "hdf5 +mpi +fortran target=:zen3"),
        ("HDF5 MPI Zen3", "hdf5 +mpi target=:zen3"),
        ("hdf5 w/o mpi", "hdf5 ~mpi"),
        ("hdf5 mpi off", "hdf5 ~mpi"),
        ("boost not static", "boost +shared"),
        ("xz static", "xz libs=static"),
        ("openblas openmp", "openblas threads=openmp"),
        ("fftw double precision", "fftw precision=double"),
        ("kokkos c++17", "kokkos cxxstd=17"),
        ("kokkos cuda 80", "kokkos +cuda cuda_arch=80"),
        ("hdf5 release", "hdf5 build_type=Release"),
        ("hdf5 neoverse v1", "hdf5 target=:neoverse_v1"),
        ("hdf5 x86-64-v3", "hdf5 target=:x86_64_v3"),
        ("gromacs aarch64", "gromacs target=aarch64:"),
        ("hdf5 zen3 zen4", "hdf5 target=:zen3,:zen4"),
        ("hdf5 1.12 1.14", "hdf5@1.12,1.14"),
        ("hdf5 1.12:1.14", "hdf5@1.12:1.14"),
        ("hdf5 latest", "hdf5@=1.14.5"),
        ("hdf5 macos", "hdf5 platform=darwin"),
        ("hdf5 zlib ng", "hdf5 ^zlib-ng"),
        ("hdf5 intel", "hdf5 %oneapi"),
        ("numpy gcc13", "py-numpy %gcc@13"),
        ("netcdf mpi", "netcdf-c +mpi"),
        ("mpi zen3", "mpi target=:zen3"),
        ("opnblas rhel8", "openblas os=rhel8"),
        ("static boost", "boost ~shared"),
        ("mpi hdf5", "hdf5 +mpi"),
        ("%gcc hdf5 zen3", "hdf5 target=:zen3 %gcc"),
        ("hdf5 ^zlib-ng@2.2 zen3", "hdf5 target=:zen3 ^zlib-ng@2.2"),
    ],
)
def test_words_are_written_as_spec_syntax(text: str, written: str, engine_0: Engine) -> None:
    result = typed(engine_0, text)
    assert (result.written, result.notes) == (written, ())
    exact = engine_0.select(Selection(written, exact=True))
    assert result.rows == exact.rows and result.rows


@pytest.mark.parametrize(
    "text", ["hdf 5", "py num", "py mpi", "fortran netcdf", "netcdf fortan", "gcc runtime"]
)
def test_words_that_name_a_package_stay_its_name(text: str, engine_0: Engine) -> None:
    result = typed(engine_0, text)
    assert (result.plain, result.words) == (None, text)
    assert result.packages[0].name == engine_0.rank(text)[0].name


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("hdf5 ubuntu", ["os ubuntu22.04", "os ubuntu24.04"]),
        ("hdf5 rhel8 rhel9", ["os rhel8", "os rhel9"]),
        ("hdf5 not rhel8", ["not os rhel8"]),
        ("hdf5 without apple-clang", ["not compiler apple-clang@16.0.0"]),
        ("hdf5 no zen4", ["not target zen4"]),
        ("gromacs not debug", ["not variant build_type=Debug"]),
    ],
)
def test_what_no_spec_says_is_chosen_as_facet_values(text: str, choices: list[str], engine_0: Engine) -> None:
    plain = typed(engine_0, text).plain
    assert plain is not None and [str(each) for each in plain.choices] == choices
    assert plain.said and plain.written == text.split()[0]


def test_what_has_no_other_form_is_kept(engine_0: Engine) -> None:
    result = typed(engine_0, "hdf5 without openmpi")
    assert result.plain is not None and result.plain.text == "hdf5 without openmpi"
    rows = engine_0.select(Selection("hdf5", exact=True)).rows
    assert result.rows == rows - engine_0.select(Selection("hdf5 ^openmpi", exact=True)).rows


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("hdf5 nosuch", "'nosuch' is not understood for hdf5"),
        ("hdf5 fortan", "'fortan' is not understood for hdf5; near: fortran, fortran-rt"),
        ("hdf5 1.99", "no build of hdf5 has @1.99"),
        ("hdf5 gcc99", "no build of hdf5 has %gcc@99"),
        ("hdf5 cuda", "no build of hdf5 has +cuda"),
        ("hdf5 mvapich2", "no build of hdf5 has ^mvapich2"),
        ("hdf5 generator", "'generator' is not understood for hdf5; near: generator=make"),
    ],
)
def test_what_is_unknown_is_said(text: str, note: str, engine_0: Engine) -> None:
    result = typed(engine_0, text)
    assert result.notes == (note,)
    builds = engine_0.select(Selection("hdf5", exact=True)).rows
    assert result.rows == (builds if result.offers else builds & result.rows)
    assert bool(result.rows) is bool(result.offers)
    for offer in result.offers:
        assert text[offer.start : offer.end] == offer.word


def test_words_that_clash_with_the_syntax_are_underlined(engine_0: Engine) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        typed(engine_0, "hdf5 @1.14 1.12")
    assert (caught.value.text, caught.value.underline()) == ("hdf5 @1.14 1.12", " " * 11 + "^" * 4)


def test_wrong_syntax_before_plain_words_is_underlined(engine_0: Engine) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        engine_0.select(Selection("漢字 x", package=None))
    assert (str(caught.value), caught.value.underline()) == ("'漢' is not understood", "^^")


# fmt: off
WORDS = (
    "mpi", "fortran", "shared", "static", "debug", "release", "openmp", "gcc", "gcc13", "clang", "oneapi",
    "zen3", "zen4", "x86_64_v3", "aarch64", "rhel8", "ubuntu", "macos", "1.14", "1.12", "3.11", "latest",
    "openmpi", "mpich", "zlib-ng", "cuda", "with", "without", "no", "not", "and", "for", "on", "or",
    "nosuch", "hdf5", "petsc", "boost", "cmake", "precision", "double", "threads", "13", "c++17", "+mpi",
    "~shared", "%gcc", "@1.14", "^zlib-ng", "target=:zen3",
)
# fmt: on
PACKAGES = ("hdf5", "openmpi", "boost", "petsc", "openblas", "python", "cmake", "fftw", "kokkos", "py-numpy")


@given(st.sampled_from(PACKAGES), st.lists(st.sampled_from(WORDS), max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_written_words_find_the_same_builds(
    engine_0: Engine, engine_1: Engine, engine_of_both: Engine, package: str, words: list[str]
) -> None:
    text = " ".join([package, *words])
    for engine in (engine_0, engine_1, engine_of_both):
        try:
            result = typed(engine, text)
        except QuerySyntaxError as error:
            assert len(error.text) == len(text)
            continue
        plain = result.plain
        if plain is None or plain.kept or not result.package:
            continue
        exact = Selection(plain.written, package=None, choices=plain.choices, exact=True)
        assert engine.select(exact).rows == result.rows, (text, plain.written)
        assert result.rows or result.readings


@given(st.text(max_size=40) | st.text(" hdf5mpi@1.%^+~-:,/='\"[]", max_size=40))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_or_refused(engine_of_both: Engine, text: str) -> None:
    try:
        typed(engine_of_both, text)
    except QuerySyntaxError as error:
        assert len(error.text) == len(text) and error.underline().strip()
