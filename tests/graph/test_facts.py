"""The facts of two builds are those that `spack diff --json` recorded, of both Spacks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from cachetui.catalog import Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.graph import fact_difference
from cachetui.spec import Dependency
from tests.conftest import DATA, CatalogOf, build, dag_hash, read

PARTS = ("intersect", "a_not_b", "b_not_a")


class Recorded(NamedTuple):
    """What Spack said of pairs of builds in a catalog."""

    catalog: Catalog
    pairs: list[dict[str, Any]]


@pytest.fixture(scope="module", params=["spack0.23", "spack1.2"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("diff")
    whole = json.loads(gzip.decompress((DATA / "oracle" / f"diff-{request.param}.json.gz").read_bytes()))
    index = folder / "build_cache" / "index.json"
    index.parent.mkdir()
    index.write_text(json.dumps({"database": whole["database"]}))
    specs, problems = read(folder)
    assert not problems
    compile_catalog(specs, folder / "c.sqlite")
    with closing(Catalog(folder / "c.sqlite")) as catalog:
        yield Recorded(catalog, whole["pairs"])


def rows_of(catalog: Catalog, pair: dict[str, Any]) -> tuple[int, int]:
    return catalog.row_of(pair["a_name"].partition("/")[2]), catalog.row_of(pair["b_name"].partition("/")[2])


def test_the_facts_are_those_of_spack(recorded: Recorded) -> None:
    assert len(recorded.pairs) == 13
    for pair in recorded.pairs:
        found = fact_difference(recorded.catalog, *rows_of(recorded.catalog, pair))
        assert (found.a_name, found.b_name, found.unknown) == (pair["a_name"], pair["b_name"], ())
        for part in PARTS:
            assert [list(fact) for fact in getattr(found, part)] == pair[part]


def facts_of(catalog: Catalog, number: int) -> set[tuple[str, str]]:
    row = catalog.row_of(dag_hash(number))
    return set(fact_difference(catalog, row, row).intersect)


def test_flags_patches_and_values_of_several(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(
        [
            build(
                1,
                variants=(("languages", ("c", "c++")), ("shared", True)),
                flags=(("cflags", ("-O3", '-DX="a b"')),),
                patches=("ab" * 32,),
                target="no-such-cpu",
                spec_format=5,
            )
        ]
    )
    found = facts_of(catalog, 1)
    assert {arguments for fact, arguments in found if fact == "variant_value"} == {
        "zlib languages c",
        "zlib languages c++",
        "zlib shared True",
        "zlib patches " + "ab" * 32,
    }
    group = '-O3 -DX=\\"a b\\"'
    assert {arguments for fact, arguments in found if fact == "node_flag"} == {
        f'zlib node_flag("cflags","-O3","{group}","none")',
        f'zlib node_flag("cflags","-DX=\\"a b\\"","{group}","none")',
    }
    assert ("node_target_satisfies", "zlib no-such-cpu") in found
    assert not any(fact.startswith("node_compiler") for fact, _ in found)


def runtime(number: int) -> tuple[Dependency, ...]:
    return (
        Dependency("gcc-runtime", dag_hash(number), ("link",)),
        Dependency("glibc", dag_hash(number + 1), ("link",), ("libc",)),
    )


@pytest.mark.parametrize("spec_format", [4, 5])
def test_runtimes_are_solved_anew(catalog_of: CatalogOf, spec_format: int) -> None:
    catalog = catalog_of(
        [
            build(10, "gcc-runtime", version="13.2.0", spec_format=spec_format),
            build(11, "glibc", version="2.36", external="/usr", spec_format=spec_format),
            build(2, "below", dependencies=runtime(10), spec_format=spec_format),
            build(1, needs=[("below", 2, "link")], spec_format=spec_format),
        ]
    )
    found = facts_of(catalog, 1)
    assert ("depends_on", "zlib below link") in found
    assert ("node", "glibc") not in found
    assert (("compatible_runtime", "below gcc-runtime 13.2.0:") in found) == (spec_format == 5)
    assert (("needs_libc", "below") in found) == (spec_format == 5)
    found = facts_of(catalog, 2)
    assert (("depends_on", "below glibc link") in found) == (spec_format == 5)
    assert (("external", "glibc") in found) == (spec_format == 5)


def test_dependencies_that_no_source_lists_are_named(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, needs=[("gone", 9, "link")]), build(2)])
    found = fact_difference(catalog, catalog.row_of(dag_hash(1)), catalog.row_of(dag_hash(2)))
    assert found.unknown == (f"gone/{dag_hash(9)}",)
    assert ("hash", f"gone {dag_hash(9)}") in found.a_not_b
    assert ("node", "gone") not in found.a_not_b


@pytest.mark.parametrize("other", [4, 5])
def test_old_records_in_an_index_of_spack_1_have_no_compiler_facts(catalog_of: CatalogOf, other: int) -> None:
    old = [build(number, spec_format=4, compilers=("gcc@10.2.1",)) for number in (1, 2)]
    catalog = catalog_of([*old, build(3, spec_format=other)])
    assert any(fact == "node_compiler" for fact, _ in facts_of(catalog, 1)) == (other == 4)
