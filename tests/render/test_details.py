"""What is known of a build, as facts in sections, and how these are broken into lines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cachetui.catalog import Catalog, MirrorInfo, mirrors_entry
from cachetui.catalog.compile import compile_catalog
from cachetui.graph import runtime_closure
from cachetui.install import NEWEST
from cachetui.render import (
    Fact,
    broken,
    dependencies,
    differ_in,
    install_texts,
    lookalike_facts,
    places,
    plain,
    spec_facts,
)
from cachetui.spec import INSTALLED, Place
from tests.conftest import CatalogOf, build, dag_hash

LABEL = 10

words = st.lists(st.text("abc漢字é", min_size=1, max_size=60), min_size=1, max_size=12)
labels = st.text("abc漢", max_size=30)
widths = st.integers(LABEL + 14, 120)


def said(catalog: Catalog, number: int = 1) -> dict[str, str]:
    """The facts about a build by their labels, each on one line."""
    row = catalog.row_of(dag_hash(number))
    facts = spec_facts(catalog, row, runtime_closure(catalog, row))
    return {fact.label: " ".join(map(plain, fact.words)) for fact in facts}


def test_facts_of_a_build_stand_once_each(catalog_of: CatalogOf) -> None:
    variants = (("api", "v18"), ("mpi", True), ("shared", False))
    place = Place(mirror="here", tag="develop", stack="e4s")
    catalog = catalog_of([build(1, "hdf5", variants=variants, spec_format=4, places=(place,))])
    assert said(catalog) == {
        "hash": dag_hash(1),
        "compiler": "gcc@13.2.0",
        "arch": "linux-debian12-x86_64_v3",
        "on": "+mpi",
        "off": "~shared",
        "values": "api=v18",
        "": "",
        "depends on": "nothing",
        "closure": "complete, 1 build by link and run",
        "install": f"spack install --cache-only /{dag_hash(1)}",
        "from": "here, tag develop, stack e4s",
    }


def test_dependencies_needed_at_run_time_stand_first(catalog_of: CatalogOf) -> None:
    needs = [("cmake", 3, "build"), ("zlib", 2, "link"), ("mpi", 9, "run")]
    catalog = catalog_of([build(1, "hdf5", needs=needs), build(2, "zlib"), build(3, "cmake")])
    assert said(catalog)["depends on"] == "zlib@1.3 mpi cmake@1.3"
    row = catalog.row_of(dag_hash(1))
    listed = {plain(fact.name).strip(): fact for fact in dependencies(catalog, row)}
    assert listed["zlib@1.3"].row == catalog.row_of(dag_hash(2))
    assert listed["mpi"].row is None
    assert plain(listed["mpi"].words[-1]) == "mirror"


@pytest.mark.parametrize(
    ("spec_format", "depends_on"), [(0, "unknown: pages do not list them"), (4, "nothing")]
)
def test_build_without_dependencies(catalog_of: CatalogOf, spec_format: int, depends_on: str) -> None:
    facts = said(catalog_of([build(1, spec_format=spec_format)]))
    assert facts["depends on"] == depends_on
    assert ("closure" in facts) == bool(spec_format)


def test_complete_build(catalog_of: CatalogOf) -> None:
    needs = [("glibc", 2, "link"), ("cmake", 3, "build")]
    catalog = catalog_of([build(1, needs=needs), build(2, "glibc", external="/usr")])
    assert said(catalog)["closure"] == "complete, 2 builds by link and run, 1 external"
    assert warnings(catalog) == []


def test_incomplete_build_names_what_is_not_there(catalog_of: CatalogOf) -> None:
    needs = [("hole", 2, "link"), ("gone", 9, "run")]
    catalog = catalog_of([build(1, needs=needs), build(2, "hole", in_buildcache=False, spec_format=4)])
    hole, gone = f"hole/{dag_hash(2)[:7]}", f"gone/{dag_hash(9)[:7]}"
    assert said(catalog)["closure"] == f"incomplete: {gone} is not in the index, {hole} has no binary"
    assert said(catalog, 2)["closure"] == "incomplete: this build has no binary"
    assert warnings(catalog) == [
        f"no mirror here has a binary of these, and --cache-only does not build them: {hole}",
        f"no index here has these, and Spack 1.2 installs without them: {gone}",
    ]


def test_dependency_without_a_binary_says_so(catalog_of: CatalogOf) -> None:
    needs = [("hole", 2, "link"), ("zlib", 3, "link")]
    catalog = catalog_of([build(1, needs=needs), build(2, "hole", in_buildcache=False), build(3)])
    hole, zlib = dependencies(catalog, catalog.row_of(dag_hash(1)))
    assert plain(hole.words[-1]) == "binary" and plain(zlib.words[-1]).split() == ["link"]


def test_some_of_many_holes_are_named(catalog_of: CatalogOf) -> None:
    needs = [(f"n{n}", n, "link") for n in range(2, 12)]
    catalog = catalog_of([build(1, needs=needs)])
    assert said(catalog)["closure"].endswith("not in the index, 6 more")
    assert warnings(catalog)[0].endswith("and 6 more")


def warnings(catalog: Catalog) -> list[str]:
    """What the install lines of the first build are preceded by."""
    facts = install_texts(catalog, catalog.row_of(dag_hash(1)), NEWEST)
    return [" ".join(map(plain, fact.words)) for fact in facts if fact.label == "incomplete"]


def test_external_says_where_it_is(catalog_of: CatalogOf) -> None:
    facts = said(catalog_of([build(1, external="/usr")]))
    assert facts["external"] == "/usr"
    assert facts["depends on"] == "nothing that is known: it is external"
    assert "closure" not in facts


def test_lookalikes_of_pages(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(n, places=(Place(tag="develop"),)) for n in (1, 2)])
    first, *others = lookalike_facts(catalog, [0, 1], differ_in(catalog, [0, 1]))
    assert first.label == "differ in"
    assert "open the index of the mirror" in " ".join(map(plain, first.words))
    assert [plain(fact.words[0]) for fact in others[-2:]] == sorted([dag_hash(1), dag_hash(2)])


def test_every_place_is_named(catalog_of: CatalogOf) -> None:
    found = (Place(tag="develop", stack="e4s"), Place(tag="v1.0", stack="hep"))
    catalog = catalog_of([build(1, places=found)])
    facts = {fact.label: " ".join(map(plain, fact.words)) for fact in places(catalog, 0)}
    assert (facts["tags"], facts["stacks"]) == ("develop, v1.0", "e4s, hep")


# Broken into lines


def test_variants_that_take_more_than_a_line_stay_whole() -> None:
    fact = Fact("", _words(["hdf5@1.14~cxx+fortran~threadsafe+tools"]))
    lines = [plain(line).strip() for line, _ in broken([fact], 2, 30, cell_len)]
    assert lines == ["hdf5@1.14~cxx+fortran", "~threadsafe+tools"]


@given(labels, words, widths)
def test_lines_are_broken_between_words_only(label: str, texts: list[str], width: int) -> None:
    fact = Fact(label, tuple(((text, ""),) for text in texts))
    lines = [plain(line) for line, _ in broken([fact], LABEL, width, cell_len)]
    room = width - LABEL - 2
    found = " ".join(lines).split()[bool(label) :]
    assert "".join(found) == "".join(texts), "nothing is lost, and nothing changes its place"
    for text in texts:
        if cell_len(text) <= room:
            assert found.count(text) >= texts.count(text), "a word that a line has room for is whole"


@given(labels, words, widths)
def test_no_line_is_wider_than_its_room(label: str, texts: list[str], width: int) -> None:
    fact = Fact(label, tuple(((text, ""),) for text in texts))
    lines = [plain(line) for line, _ in broken([fact], LABEL, width, cell_len)]
    first = max(width, cell_len(label) + 2)
    assert cell_len(lines[0]) <= first
    assert all(cell_len(line) <= width for line in lines[1:])


@given(words, widths)
def test_lines_are_full(texts: list[str], width: int) -> None:
    lines = [
        plain(line)[LABEL + 2 :] for line, _ in broken([Fact("", _words(texts))], LABEL, width, cell_len)
    ]
    room = width - LABEL - 2
    for line, following in pairwise(lines):
        first = following.partition(" ")[0]
        is_cut = cell_len(line) >= room - 1  # a wide character may not fit into the last cell
        assert is_cut or cell_len(line) + 1 + cell_len(first) > room


def _words(texts: list[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(((text, ""),) for text in texts)


def test_each_line_leads_to_the_build_of_its_fact() -> None:
    facts = [Fact("a", _words(["x" * 20, "y" * 20]), 7), Fact(), Fact("b", _words(["z"]), 8)]
    found = [(plain(line).split(), row) for line, row in broken(facts, 2, 26)]
    assert found == [(["a", "x" * 20], 7), (["y" * 20], 7), ([], None), (["b", "z"], 8)]


def test_installed_build_names_its_trees_and_no_mirror(tmp_path: Path) -> None:
    tree, site = Place("site", kind=INSTALLED), Place("cache")
    specs = [
        build(1, "a", places=(tree,), spec_format=4),
        build(2, "b", places=(site, tree), spec_format=4),
        build(3, "c", places=(), in_buildcache=False, spec_format=4),
    ]
    mirrors = (MirrorInfo("site", str(tmp_path / "tree"), INSTALLED), MirrorInfo("cache", "/cache", "v2"))

    def facts(row: int, mirrors: Sequence[MirrorInfo]) -> dict[str, str]:
        compile_catalog(specs, tmp_path / "c.sqlite", mirrors_entry(mirrors))
        with closing(Catalog(tmp_path / "c.sqlite")) as catalog:
            found = [*spec_facts(catalog, row, runtime_closure(catalog, row)), *places(catalog, row)]
        return {fact.label: " ".join(map(plain, fact.words)) for fact in found}

    only = facts(0, mirrors[:1])
    assert (only["from"], only["installed"]) == ("installed in site", "in site")
    assert (only["install"], only["install tree"]) == (f"spack load /{dag_hash(1)}", f"site {tmp_path}/tree")
    assert "mirror" not in only
    both = facts(1, mirrors)
    assert both["from"] == "cache, installed in site"
    assert both["install"].startswith("spack install")
    assert both["mirror"].startswith("cache /cache")
    assert facts(2, mirrors[:1])["binary"] == "not installed"
    assert facts(2, mirrors)["binary"] == "not in the build cache"
