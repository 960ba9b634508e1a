"""Plain words in a query: what they mean by what the builds of a package have."""

from __future__ import annotations

import pytest

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
