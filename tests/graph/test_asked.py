"""What lines of a list mean: hashes, specs, what Spack prints; anything else is one error with its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from cachetui.catalog import Catalog
from cachetui.errors import CachetuiError, HashError, QuerySyntaxError
from cachetui.graph.asked import Asked, asked_by
from cachetui.search import Engine
from cachetui.sources import WantedLine, read_wanted
from tests.conftest import DATA, CatalogOf, build

LINES = (DATA / "pasted_lines.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def engine(real_catalog: Catalog) -> Iterator[Engine]:
    yield Engine(real_catalog, {})


def asked(engine: Engine, *lines: str) -> list[Asked]:
    given = [WantedLine(f"stdin, line {n}", line) for n, line in enumerate(lines, 1)]
    return list(asked_by(engine, given, BitMap()))


def test_a_hash_in_every_form_is_its_build(engine: Engine) -> None:
    catalog = engine.catalog
    row = catalog.package_rows("hdf5")[0]
    dag_hash, version = catalog.dag_hash(row), catalog.column("version")[row]
    forms = (
        f"/{dag_hash}",
        dag_hash,
        f"/{dag_hash[:9]}",
        dag_hash[:9],
        f"hdf5/{dag_hash}",
        f"builtin.hdf5/{dag_hash[:9]}",
        f"hdf5@{version}/{dag_hash}",
        f"{dag_hash[:7]} hdf5@{version}~cxx build_system=cmake",
        f"[+]  {dag_hash[:7]}  hdf5@{version}",
        f" -   {dag_hash[:7]}      ^hdf5@{version}",
        f"[+] /opt/spack/linux-x86_64/hdf5-{version}-{dag_hash}",
        f"$ spack install --cache-only /{dag_hash}",
    )
    for form in forms:
        (found,) = asked(engine, form)
        assert (found.name, found.dag_hash, found.row) == ("hdf5", dag_hash, row), form


def test_headings_are_no_specs(engine: Engine) -> None:
    headings = (
        "-- linux-debian12-x86_64 / gcc@13 -----",
        "==> 12 installed packages",
        "Input spec",
        "-------",
    )
    assert asked(engine, *headings, "Concretized") == []


def test_a_spec_is_the_best_build_that_satisfies_it(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([
        build(1, version="1.4", in_buildcache=False, external="/usr"),
        build(2, version="1.3"),
        build(3, version="1.2"),
        build(4, version="1.1"),
    ])  # fmt: skip
    engine = Engine(catalog, {})

    def version(text: str, preferred: BitMap) -> str:
        (found,) = asked_by(engine, [WantedLine("x", text)], preferred)
        assert found.row is not None
        return str(catalog.column("version")[found.row])

    rows = {catalog.column("version")[row]: row for row in range(len(catalog))}
    assert version("zlib", BitMap()) == "1.3"
    assert version("zlib", BitMap([rows["1.2"]])) == "1.2"
    assert version("zlib@:1.1", BitMap([rows["1.2"]])) == "1.1"
    assert version("zlib@1.4", BitMap()) == "1.4"


def test_names_that_look_like_hashes_are_names(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1, "openmpi"), build(2, "zlib")]), {})
    (found,) = asked(engine, "openmpi")
    assert (found.name, found.spec) == ("openmpi", "openmpi")


def test_what_no_build_has_is_kept(engine: Engine) -> None:
    unknown, spec = asked(engine, f"/{'7' * 32}", "hdf5@77")
    assert (unknown.row, unknown.dag_hash) == (None, "7" * 32)
    assert (spec.row, spec.name, spec.spec) == (None, "hdf5", "hdf5@77")


@pytest.mark.parametrize("line", ["zlib @@", "+mpi", "^zlib +", "@1.2", "hdf5 %", "/", "a b c"])
def test_bad_lines_say_where_they_are(engine: Engine, line: str) -> None:
    with pytest.raises((QuerySyntaxError, HashError)) as caught:
        asked(engine, "zlib", line)
    assert str(caught.value).startswith("stdin, line 2: ") and "\n" not in str(caught.value)


def test_ambiguous_hashes_are_refused(catalog_of: CatalogOf) -> None:
    engine = Engine(catalog_of([build(1), build(2)]), {})
    with pytest.raises(HashError, match="stdin, line 1: '/aaaaa' is ambiguous: 2 builds"):
        asked(engine, "/aaaaa")


WORDS = st.sampled_from(
    [
        "hdf5",
        "zlib",
        "@1.2:",
        "+mpi",
        "~mpi",
        "^zlib",
        "%gcc",
        "/abc",
        "[+]",
        " - ",
        "==>",
        "arch=",
        "'",
        "^",
        "@",
    ]
)


@given(st.lists(WORDS | st.text(max_size=5), max_size=6).map(" ".join) | st.sampled_from(LINES))
def test_any_line_is_explained_or_refused_in_one_line(engine: Engine, line: str) -> None:
    try:
        lines = read_wanted(line.encode("utf-8", "replace"), "stdin").lines
        list(asked_by(engine, lines, BitMap()))
    except CachetuiError as error:
        assert "\n" not in str(error) and str(error).isprintable()
