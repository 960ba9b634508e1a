"""How a typed text is divided and described in words, and how facet values are written in spec syntax."""

from __future__ import annotations

import pytest

from cachetui.errors import QuerySyntaxError
from cachetui.query import Dialect
from cachetui.search import Choice, Engine, Reading, Selection, check_query, query_text
from cachetui.search.reading import Typed, reading_text, split_words
from cachetui.spec import Dependency
from tests.conftest import FACET_NAMES, CatalogOf, build, dag_hash

OLD, NEW = Dialect.SPACK_0, Dialect.SPACK_1

# Words, then spec syntax


@pytest.mark.parametrize(
    ("text", "words", "spec"),
    [
        ("", "", ""),
        ("hdf5", "hdf5", ""),
        ("  hdf5  zlib @1", "hdf5 zlib", "@1"),
        ("hdf5\tzlib", "hdf5 zlib", ""),
        ("hdf5+mpi", "hdf5", "+mpi"),
        ("hdf5 +mpi", "hdf5", "+mpi"),
        ("hdf5 zlib%gcc", "hdf5 zlib", "%gcc"),
        ("hdf5+mpi zlib", "hdf5", "+mpi zlib"),
        ("mpi@4:", "mpi", "@4:"),
        ("my.own.hdf5 @1", "my.own.hdf5", "@1"),
        ("hdf5-mpi", "hdf5-mpi", ""),
        ("hdf5 -mpi", "hdf5", "-mpi"),
        ("+mpi", "", "+mpi"),
        ("build_type=Release", "", "build_type=Release"),
        ("hdf5 api:=v18 zlib", "hdf5", "api:=v18 zlib"),
        ("/abc", "", "/abc"),
    ],
)
def test_leading_words(text: str, words: str, spec: str) -> None:
    typed = split_words(text)
    assert (typed.words, typed.spec.strip()) == (words, spec)
    # Places in the rest are those in the whole text.
    assert len(typed.spec) == len(text) and typed.spec[typed.end :] == text[typed.end :]


def test_where_the_words_end() -> None:
    assert split_words(" a  b @1") == Typed("a b", "      @1", 5)


# Readings


def test_a_reading_in_words() -> None:
    assert Reading(NEW).text() == ""
    demands = Reading(NEW, "hdf5", "package = hdf5", ("+mpi", "@9"), frozenset({"@9"}))
    assert demands.text() == "package = hdf5 and +mpi and @9 (no build has it)"
    assert Reading(OLD, refusal="a spec has one compiler").text() == "refused: a spec has one compiler"


def test_readings_that_are_alike_are_shown_once() -> None:
    met = Reading(NEW, demands=("+mpi", "+x"))
    unmet = Reading(OLD, demands=("+mpi", "+x"), unmet=frozenset({"+mpi"}))
    assert reading_text("hdf", [met], ()) == 'names like "hdf" and +mpi and +x'
    assert reading_text("hdf", [met, unmet], ()) == 'names like "hdf" and +mpi and +x'
    both_unmet = Reading(NEW, demands=("+mpi", "+x"), unmet=frozenset({"+mpi", "+x"}))
    assert reading_text("", [both_unmet, unmet], ()) == "+mpi (no build has it) and +x"


def test_readings_that_differ_are_shown_apart() -> None:
    old = Reading(OLD, demands=("+mpi", "%gcc"))
    new = Reading(NEW, demands=("%gcc+mpi",))
    assert reading_text("", [old, new], ()) == "Spack 0.23: +mpi and %gcc; Spack 1.x: %gcc+mpi"
    refused = Reading(OLD, refusal="why")
    choices = [Choice("os", "rhel8")]
    assert reading_text("", [refused, Reading(NEW)], choices) == (
        "Spack 0.23: refused: why; Spack 1.x: all and os=rhel8"
    )


def test_each_spack_says_how_it_reads_its_own_records(catalog_of: CatalogOf) -> None:
    gcc = build(9, "gcc", version="13.2.0", compilers=(), variants=(("mpi", True),), spec_format=5)
    by_gcc = (Dependency("gcc", dag_hash(9), ("build",), ("c",)),)
    specs = [
        build(1, "hdf5", spec_format=4, variants=(("mpi", True),)),
        build(2, "hdf5", spec_format=5, compilers=None, dependencies=by_gcc),
        build(3, "hdf5", spec_format=5, compilers=(), variants=(("mpi", True),)),
        gcc,
    ]
    engine = Engine(catalog_of(specs))
    result = engine.select(Selection("hdf5 %gcc +mpi"))
    assert {result.catalog.dag_hash(row) for row in result.rows} == {dag_hash(1), dag_hash(2)}
    assert [(reading.dialect, reading.records) for reading in result.readings] == [(OLD, 1), (NEW, 3)]
    assert engine.dialect is NEW
    assert result.reading() == (
        "Spack 1.x: package = hdf5 and %gcc (+mpi of gcc); Spack 0.23: package = hdf5 and +mpi and %gcc"
    )


# Choices as spec syntax


@pytest.mark.parametrize(
    ("facet", "values", "text"),
    [
        ("os", ["rhel8"], "os=rhel8"),
        ("os", ["rhel8", "sles15"], ""),
        ("target", ["zen2", "zen4"], "target=zen2,zen4"),
        ("version", ["1.2", "1.3"], "@=1.2,=1.3"),
        ("version", ["git.main=1.2"], "@git.main=1.2"),
        ("compiler", ["gcc@13.2.0"], "%gcc@=13.2.0"),
        ("compiler", ["gcc"], "%gcc"),
        ("compiler", ["none"], ""),
        ("compiler", ["gcc@13.2.0", "gcc@11.4.0"], ""),
        ("variant", ["+mpi"], "+mpi"),
        ("variant", ["api=v18"], "api=v18"),
        ("variant", ["s=a b"], "s='a b'"),
        ("variant", ["cflags=-O3 -g"], "cflags='-O3 -g'"),
        ("variant", ["+mpi", "api=v18"], ""),
        ("mirror", ["my mirror"], "mirror='my mirror'"),
        ("stack", ["e4s"], "stack=e4s"),
        ("tag", ["develop"], "tag=develop"),
    ],
)
def test_facet_values_as_spec_syntax(facet: str, values: list[str], text: str) -> None:
    assert query_text(facet, values) == text


def test_spec_syntax_of_a_facet_value_finds_the_builds_that_have_it(
    engine_0: Engine, engine_1: Engine
) -> None:
    for engine in (engine_0, engine_1):
        for facet in FACET_NAMES:
            for value in engine.catalog.facet(facet).values:
                chosen = engine.select(Selection(choices=(Choice(facet, value),))).rows
                text = query_text(facet, [value])
                found = engine.select(Selection(text, exact=True)).rows if text else chosen
                # Versions such as 1.2 and 1.02 are one, and `%gcc` may be a library that is linked.
                alike = facet == "version" or (facet == "compiler" and engine is engine_1)
                assert chosen <= found if alike else chosen == found, text


def test_choices_of_a_facet_read_as_one(catalog_of: CatalogOf) -> None:
    choices = (
        Choice("compiler", "gcc@11.4.0"),
        Choice("os", "rhel8", True),
        Choice("compiler", "gcc@13.2.0"),
        Choice("compiler", "clang@17", True),
        Choice("compiler", "none", True),
        Choice("os", "ubuntu22.04", True),
        Choice("version", "1.2"),
        Choice("version", "1.3"),
    )
    engine = Engine(catalog_of([build(1, "zlib")]))
    assert engine.select(Selection("zlib", choices=choices)).reading() == (
        "package = zlib and compiler gcc@11.4.0 or gcc@13.2.0 and not %clang@=17 and not compiler none"
        " and not os=rhel8 and not os=ubuntu22.04 and @=1.2,=1.3"
    )


# What no Spack would take


def test_a_query_is_checked_without_a_catalog() -> None:
    for text in ("", "hdf5", "hdf5%gcc%clang", "hdf5 %c=gcc", "hdf5 ^[virtuals=mpi] openmpi"):
        check_query(text)
    for text, span in (("hdf5 @", (5, 6)), ("hdf5 zlib", (5, 9)), ("hdf5 +x +x", (8, 10))):
        with pytest.raises(QuerySyntaxError) as caught:
            check_query(text)
        assert (caught.value.text, caught.value.spans) == (text, (span,))
