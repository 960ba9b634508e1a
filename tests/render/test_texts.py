"""What is said of builds and of empty results, as values that know no screen."""

from __future__ import annotations

import pytest

from cachetui.render import build_facts, lookalikes_text, nothing_found, plain, spec_line, why_none
from cachetui.search import Engine, Selection
from cachetui.spec import Place, Spec
from tests.conftest import CatalogOf, build, dag_hash


def test_facts_stand_around_the_dependencies(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, "hdf5", needs=[("zlib", 2, "link"), ("mpi", 9, "run")]), build(2, "zlib")])
    facts = list(build_facts(catalog, catalog.row_of(dag_hash(1))))
    names = [name for name, _ in facts]
    assert names[:2] == ["hash", "spec"]
    first = names.index("depends on 2")
    assert [value for _, value in facts[first : first + 2]] == [
        f"zlib@1.3/{dag_hash(2)[:7]}  link",
        f"mpi/{dag_hash(9)[:7]}  run (in no source)",
    ]
    assert names.index("mirrors") < first < names.index("version")


@pytest.mark.parametrize(
    ("spec_format", "facts"),
    [(0, ("dependencies", "unknown: pages do not list them")), (4, ("depends on", "nothing"))],
)
def test_build_without_dependencies(catalog_of: CatalogOf, spec_format: int, facts: tuple[str, str]) -> None:
    catalog = catalog_of([build(1, spec_format=spec_format)])
    assert facts in list(build_facts(catalog, 0))


def test_external_has_no_line_of_dependencies(catalog_of: CatalogOf) -> None:
    facts = dict(build_facts(catalog_of([build(1, external="/usr")]), 0))
    assert facts["external"] == "/usr" and not facts.keys() & {"dependencies", "depends on"}


def test_lookalikes_of_pages(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(n, places=(Place(tag="develop"),)) for n in (1, 2)])
    text = lookalikes_text(catalog, [0, 1])
    assert text.startswith("2 builds are alike in every column. ") and "open the index of the mirror" in text


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        (Selection("zlib @99", exact=True), "no build has @99"),
        (Selection("zlib @99", package=None), "no build has @99"),
        (Selection("zlib +no ^zlib", exact=True), "no build has +no, ^zlib"),
        (Selection("zlib os=debian12 target=zen3", exact=True), "no build satisfies all of this spec"),
        (Selection("qqqqq", package=None), "no build matches"),
    ],
)
def test_why_none(catalog_of: CatalogOf, selection: Selection, why: str) -> None:
    result = Engine(catalog_of([build(1), build(2, "mpich", target="zen3")])).select(selection)
    assert not result.rows
    assert why_none(result) == why


def test_why_none_of_no_builds(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([]))
    assert nothing_found(engine, engine.select(Selection("zlib", exact=True))) == "there are no builds here"


def test_similar_packages_are_named(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "zlib-ng"), build(2, "mpich")]))
    result = engine.select(Selection("zlib", exact=True))
    assert nothing_found(engine, result) == "no build of a package named zlib; there is zlib-ng"


@pytest.mark.parametrize("dag_hash", ["", "abcdefg"])
def test_line_of_a_spec_has_its_text(real_specs: list[Spec], dag_hash: str) -> None:
    for spec in real_specs:
        text = spec.text_with_hash().replace(spec.dag_hash, dag_hash) if dag_hash else spec.text()
        assert plain(spec_line(spec, dag_hash)) == text


def test_parts_of_a_spec_have_roles() -> None:
    spec = build(1, "hdf5", variants=(("api", "v18"), ("mpi", True)))
    assert spec_line(spec, spec.dag_hash) == (
        ("hdf5", ""),
        ("@1.3", "version"),
        ("+mpi api=v18", "variant"),
        (" ", ""),
        ("arch=linux-debian12-x86_64_v3", "arch"),
        (" ", ""),
        (f"/{spec.dag_hash}", "hash"),
        (" ", ""),
        ("%gcc@13.2.0", "compiler"),
    )
