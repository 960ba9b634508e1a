"""What is pasted: the spec is found in what Spack printed, and an ordinary query stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.query import Dialect, Pasted, cleaned
from tests.query.queries import Pools, queries

LONG = "cxuri4gabcdefghijklmnopqrstuvwxy"


@pytest.mark.parametrize(
    ("text", "spec", "dag_hash"),
    [
        (
            "cxuri4g hdf5@1.14.6%gcc@13.2.0 build_system=cmake",
            "hdf5@1.14.6%gcc@13.2.0 build_system=cmake",
            "cxuri4g",
        ),
        (" -   cxuri4g  hdf5@1.14.6", "hdf5@1.14.6", "cxuri4g"),
        ("- cxuri4g hdf5@1.14.6", "hdf5@1.14.6", "cxuri4g"),
        ("[+]  cxuri4g      ^zlib-ng@2.2.4", "zlib-ng@2.2.4", "cxuri4g"),
        ("[^]  hdf5@1.14.6+mpi", "hdf5@1.14.6+mpi", ""),
        ("[+] cxuri4g hdf5@1.14.6+mpi [^] abcdefg ^zlib@1.3 - bcdefgh ^xz@5", "hdf5@1.14.6+mpi", "cxuri4g"),
        (
            "-- linux-rhel8-zen3 / gcc@13.2.0 ------- cxuri4g hdf5@1.14.6 abcdefg zlib@1.3",
            "hdf5@1.14.6",
            "cxuri4g",
        ),
        ("Concretized -------------- - cxuri4g hdf5@1.14.6", "hdf5@1.14.6", "cxuri4g"),
        (f"hdf5-1.14.6-{LONG}", "hdf5@1.14.6", LONG),
        ("hdf5-1.14.6-cxuri4g", "hdf5@1.14.6", "cxuri4g"),
        (f"==> Installing hdf5-1.14.6-{LONG} [3/40]", "hdf5@1.14.6", LONG),
        (f"==> hdf5: Successfully installed hdf5-1.14.6-{LONG}", "hdf5@1.14.6", LONG),
        (f"[+] /opt/spack/linux-rhel8-zen3/gcc-13.2.0/hdf5-1.14.6-{LONG}", "hdf5@1.14.6", LONG),
        (f"linux-rhel8-zen3-gcc-13.2.0-hdf5-1.14.6-{LONG}.spack", "hdf5@1.14.6", LONG),
        (f"py-numpy-1.26.4-{LONG}", "py-numpy@1.26.4", LONG),
        ("==> Installing hdf5@1.14.6 [3/40]", "hdf5@1.14.6", ""),
        ("==> Installing zlib [1/2]", "zlib", ""),
        ("==> 5 installed packages", "", ""),
        ("$ spack install hdf5@1.14.6", "hdf5@1.14.6", ""),
        ("user@login:~> spack install -j 8 --cache-only 'hdf5 +mpi' && spack load x", "hdf5 +mpi", ""),
        ("spack spec -Il hdf5 -mpi", "hdf5 -mpi", ""),
        ('"hdf5 +mpi"', "hdf5 +mpi", ""),
        ("\u201chdf5 +mpi\u201d", "hdf5 +mpi", ""),
        ("`hdf5 +mpi`", "hdf5 +mpi", ""),
        ("\uff48\uff44\uff46\uff15\u3000\uff0b\uff4d\uff50\uff49", "hdf5 +mpi", ""),
        ("\x1b[0;36mcxuri4g\x1b[0m hdf5@1.14", "hdf5@1.14", "cxuri4g"),
    ],
)
def test_the_spec_is_found_in_what_spack_printed(text: str, spec: str, dag_hash: str) -> None:
    pasted = cleaned(text)
    assert (pasted.text, pasted.dag_hash) == (spec, dag_hash)
    assert not dag_hash or pasted.name == spec.partition("@")[0]
    assert not dag_hash or pasted.note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hdf5",
        "hdf5 - mpi",
        "hdf5 -mpi cflags='-O3 -g'",
        "spack",
        "gcc-runtime",
        "netcdf-c-4.9",
        "hdf5 ^[virtuals=mpi] openmpi",
        "py-numpy 1.26 gcc13",
        "/cxuri4g",
        "hdf5/cxuri4g",
        "cxuri4g",
        "- hdf5",
        "'a' 'b'",
        "zlib-ng-compat",
    ],
)
def test_an_ordinary_query_stays(text: str) -> None:
    assert cleaned(text) == Pasted(text)


@given(queries(Dialect.SPACK_0, Pools()) | queries(Dialect.SPACK_1, Pools()))
@settings(max_examples=200)
def test_any_spec_stays(query: object) -> None:
    text = str(query)
    assert cleaned(text).text.split() == text.split() or any(ord(c) > 127 for c in text)


@given(st.text(max_size=80) | st.text("-=>[+]^ abc27@1.%~\"'/\x1b[m", max_size=60))
@settings(max_examples=500)
def test_any_text_is_read(text: str) -> None:
    again = cleaned(cleaned(text).text)
    assert isinstance(again.text, str)


def test_a_long_paste_is_read_in_no_time() -> None:
    for text in ("a" * 4000, "a-1." * 1000, "abcdefg " * 500, "abcdefg a@1 " * 330, "[" * 4000, "'" * 3999):
        assert cleaned(text).text
