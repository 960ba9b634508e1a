"""Chosen facet values that are written into the query."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cachetui.search import Choice, Engine, Selection, with_choices_written
from cachetui.spec import Dependency
from tests.conftest import CatalogOf, build, dag_hash


@pytest.mark.parametrize(
    ("text", "choices", "written"),
    [
        ("", [("variant", "+mpi")], "+mpi"),
        ("hdf5", [("os", "rhel8")], "hdf5 os=rhel8"),
        ("hdf5+x", [("version", "1.2")], "hdf5 @=1.2 +x"),
        ("netcdf c +x", [("os", "rhel8"), ("tag", "develop")], "netcdf c tag=develop os=rhel8 +x"),
        ("hdf5 +x", [("target", "zen4"), ("target", "zen2")], "hdf5 target=zen4,zen2 +x"),
        ("hdf5 %gcc", [("variant", "+x")], "hdf5 +x %gcc"),
        ("hdf5 ^zlib", [("compiler", "gcc@13"), ("os", "rhel8")], "hdf5 os=rhel8 %gcc@=13 ^zlib"),
        ("hdf5 cflags='-O ^' ^z", [("compiler", "gcc@13")], "hdf5 cflags='-O ^' %gcc@=13 ^z"),
    ],
)
def test_choices_are_written_before_what_belongs_to_a_dependency(
    text: str, choices: list[tuple[str, str]], written: str, engine_0: Engine
) -> None:
    made = tuple(Choice(facet, value) for facet, value in choices)
    before = Selection(text, package="hdf5", choices=made, sort="os")
    assert with_choices_written(engine_0, before) == Selection(written, package="hdf5", sort="os")


@pytest.mark.parametrize(
    "choices",
    [
        (Choice("os", "rhel8"), Choice("os", "sles15")),
        (Choice("os", "rhel8", excluded=True),),
        (Choice("target", "zen4"), Choice("target", "zen2", excluded=True)),
        (Choice("compiler", "none"),),
        (Choice("variant", "+mpi"), Choice("variant", "+x")),
        (),
    ],
)
def test_choices_without_spec_syntax_stay(choices: tuple[Choice, ...], engine_0: Engine) -> None:
    before = Selection("hdf5 +x", choices=choices)
    assert with_choices_written(engine_0, before) == before
    mixed = with_choices_written(engine_0, Selection("hdf5", choices=(*choices, Choice("stack", "e4s"))))
    assert mixed == Selection("hdf5 stack=e4s", choices=choices)


@pytest.mark.parametrize("text", ["", "hdf5 ^zlib+pic", "hdf5 %gcc"])
def test_written_choices_find_the_same_builds(text: str, engine_0: Engine) -> None:
    choices = (
        Choice("os", "ubuntu22.04"),
        Choice("variant", "+shared"),
        Choice("compiler", "gcc@11.4.0", True),
    )
    before = Selection(text, choices=choices)
    after = with_choices_written(engine_0, before)
    assert after.choices == choices[2:]
    assert engine_0.select(after).rows == engine_0.select(before).rows


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("hdf5@1.14", Choice("version", "1.14.5")),
        ("hdf5 target=zen3", Choice("target", "zen3")),
        ("hdf5 +shared", Choice("variant", "+shared")),
        ("hdf5 %gcc", Choice("compiler", "gcc@11.4.0")),
    ],
)
def test_what_the_query_has_no_room_for_stays_a_choice(text: str, choice: Choice, engine_0: Engine) -> None:
    other = Choice("os", "ubuntu22.04")
    after = with_choices_written(engine_0, Selection(text, choices=(choice, other)))
    assert after.choices == (choice,)
    assert "os=ubuntu22.04" in after.text
    assert engine_0.select(after).rows == engine_0.select(Selection(text, choices=(choice, other))).rows


def test_nothing_is_written_that_one_of_two_spacks_would_refuse(engine_of_both: Engine) -> None:
    before = Selection("hdf5 %gcc", choices=(Choice("compiler", "gcc@13.2.0"),))
    assert engine_of_both.select(before).rows
    assert with_choices_written(engine_of_both, before) == before


def test_where_a_compiler_may_also_be_linked_its_language_is_written(catalog_of: CatalogOf) -> None:
    by_gcc = (Dependency("gcc", dag_hash(9), ("build",), ("c", "cxx")),)
    links_gcc = (Dependency("gcc", dag_hash(9), ("link",), ()),)
    specs = [
        build(9, "gcc", version="13.2.0", compilers=()),
        build(1, "hdf5", compilers=None, dependencies=by_gcc),
        build(2, "hdf5", compilers=None, dependencies=links_gcc),
    ]
    engine = Engine(catalog_of([replace(spec, spec_format=5) for spec in specs]))
    before = Selection("hdf5", choices=(Choice("compiler", "gcc@13.2.0"),))
    after = with_choices_written(engine, before)
    assert (after.text, after.choices) == ("hdf5 %c=gcc@=13.2.0", ())
    assert len(engine.select(before).rows) == len(engine.select(after).rows) == 1
