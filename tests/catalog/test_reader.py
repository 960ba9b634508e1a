"""Reading a catalog back: every field of every spec, edges, hashes, and files that are no catalog."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.catalog import SCHEMA, Catalog
from cachetui.catalog.compile import compile_catalog
from cachetui.catalog.schema import EDGE_CHUNK, pack, pack_hash, pack_hashes, unpack, unpack_hash
from cachetui.errors import CatalogError, HashError, UnknownHashError
from cachetui.spec import Dependency, Place, Spec
from tests.conftest import MIRROR_023, MIRROR_12, CatalogOf, build, dag_hash, read, shared_data

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def in_base32(text: str) -> list[int]:
    return [ALPHABET.index(character) for character in text]


def compiler_of(spec: Spec, by_hash: dict[str, Spec]) -> tuple[str, ...]:
    """The compilers that a spec of format 5 names by its edges."""
    edges = [e for e in spec.dependencies if {"c", "cxx", "fortran"} & set(e.virtuals)]
    builders = {by_hash[edge.dag_hash] for edge in edges}
    return tuple(sorted(f"{builder.name}@{builder.version}" for builder in builders))


def assert_round_trip(specs: list[Spec], catalog: Catalog) -> None:
    by_hash = {spec.dag_hash: spec for spec in specs}
    assert len(catalog) == len(by_hash) == len(specs)
    for row in range(len(catalog)):
        found = catalog.spec(row)
        given = by_hash.pop(found.dag_hash)
        compilers = given.compilers
        if compilers is None:
            compilers = compiler_of(given, {spec.dag_hash: spec for spec in specs})
        assert found == msgspec.structs.replace(given, compilers=compilers, legacy_hashes=())
    assert not by_hash


@pytest.mark.parametrize("mirror", [MIRROR_023, MIRROR_12])
def test_round_trip(mirror: Path, catalog_of: CatalogOf) -> None:
    specs, problems = read(mirror)
    assert problems == []
    assert_round_trip(specs, catalog_of(specs))


def test_compilers_of_spack_1(catalog_of: CatalogOf) -> None:
    catalog = catalog_of(read(MIRROR_12)[0])
    names = {name for compilers in catalog.column("compilers").values for name in compilers}
    assert {"gcc@13.2.0", "llvm@17.0.6", "intel-oneapi-compilers@2024.2.1"} <= names


@pytest.mark.parametrize(
    ("mirror", "records", "cached", "packages"),
    [("mirror-v2-spack0.23", 5027, 4986, 545), ("mirror-v2-spack1.2", 1777, 1747, 155)],
)
def test_whole_mirror(mirror: str, records: int, cached: int, packages: int, catalog_of: CatalogOf) -> None:
    catalog = catalog_of(read(shared_data(mirror))[0])
    assert (len(catalog), len(catalog.listed)) == (records, records)
    assert (len(catalog.in_buildcache), len(catalog.packages)) == (cached, packages)


def test_every_field(catalog_of: CatalogOf) -> None:
    full = Spec(
        name="7zip",
        dag_hash=dag_hash(1),
        version="git.main=1.2",
        namespace="my.repo",
        platform="linux",
        os="rhel8",
        target="skylake",
        target_parents=("broadwell", "x"),
        compilers=("gcc@12", "llvm@17"),
        variants=(("a", True), ("b", False), ("c", "x y"), ("d", ()), ("e", ("1", "2"))),
        flags=(("cflags", ("-O3",)),),
        patches=("b" * 64, "a" * 64),
        dependencies=(Dependency("gcc", dag_hash(9), ("build",), ("c",)), Dependency("x", "")),
        provided_virtuals=("mpi",),
        package_hash="abc====",
        external="/usr",
        in_buildcache=False,
        spec_format=6,
        places=(Place("m", "t", "s"), Place("n")),
        size=1 << 40,
    )
    empty = Spec(name="x", dag_hash=dag_hash(2), compilers=())
    catalog = catalog_of([full, empty])
    assert [catalog.spec(0), catalog.spec(1)] == [full, empty]


def test_more_values_than_a_byte_or_two_can_number(catalog_of: CatalogOf) -> None:
    specs = [build(n, version=f"1.{n}", package_hash=f"{n % 300}") for n in range(66_000)]
    catalog = catalog_of(specs)
    for row in (0, 255, 256, 65_535, 65_536, 65_999):
        assert catalog.spec(row) == specs[65_999 - row]


# Edges


def test_edges(catalog_of: CatalogOf) -> None:
    specs = [
        build(1, "a", needs=[("b", 2, "build", "run"), ("c", 77, "link"), ("b", 2, "test")]),
        build(2, "b"),
    ]
    specs.append(build(3, "d", needs=[("c", 77, "link"), ("e", 78), ("d", 3, "run")]))
    catalog = catalog_of(specs)
    assert [(e.row, e.dependency) for e in catalog.edges(0)] == [
        (1, Dependency("b", dag_hash(2), ("build", "run"))),
        (None, Dependency("c", dag_hash(77), ("link",))),
        (1, Dependency("b", dag_hash(2), ("test",))),
    ]
    assert catalog.edges(1) == []
    assert [e.row for e in catalog.edges(2)] == [None, None, 2]


def test_edge_without_a_hash(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(1, dependencies=(Dependency("x", "", ("run",), ("mpi",)),))])
    (edge,) = catalog.edges(0)
    assert (edge.row, edge.dependency) == (None, Dependency("x", "", ("run",), ("mpi",)))


def test_edges_over_several_chunks(catalog_of: CatalogOf) -> None:
    count = 2 * EDGE_CHUNK + 3
    catalog = catalog_of(build(n, needs=[("zlib", (n + 1) % count, "link")]) for n in range(count))
    for number in range(0, count, 50):
        (edge,) = catalog.edges(catalog.row_of(dag_hash(number)))
        assert (
            edge.row
            == catalog.row_of(dag_hash((number + 1) % count))
            == catalog.row_of(edge.dependency.dag_hash)
        )


# Hashes


def test_every_hash_is_found(real_catalog: Catalog) -> None:
    for row in range(len(real_catalog)):
        dag = real_catalog.dag_hash(row)
        assert real_catalog.row_of(dag) == real_catalog.row_of(f"/{dag}") == row
        assert real_catalog.row_of(f"{real_catalog.spec(row).name}/{dag.upper()}") == row


def test_every_prefix_is_a_naive_scan(real_catalog: Catalog) -> None:
    hashes = {real_catalog.dag_hash(row): row for row in range(len(real_catalog))}
    prefixes = {dag[:length] for dag in list(hashes)[:40] for length in range(1, 33)} | set(ALPHABET)
    for prefix in prefixes:
        expected = [hashes[dag] for dag in sorted(hashes, key=in_base32) if dag.startswith(prefix)]
        assert list(real_catalog.rows_with_prefix(prefix)) == expected
        assert list(real_catalog.rows_with_prefix("/" + prefix.upper())) == expected


@pytest.mark.parametrize("text", ["", "/", "zlib/", "a" * 33, "abc1", "abc 2", "8", "é", "a\n", "a-b"])
def test_malformed_hash(text: str, real_catalog: Catalog) -> None:
    with pytest.raises(HashError, match="is not a DAG hash") as caught:
        real_catalog.row_of(text)
    assert not isinstance(caught.value, UnknownHashError)


def test_unknown_hash(real_catalog: Catalog) -> None:
    known = real_catalog.spec(0)
    for text in ("a" * 32, f"nosuch/{known.dag_hash}", f"{known.name[:-1]}/{known.dag_hash}"):
        with pytest.raises(UnknownHashError, match="no build has a hash"):
            real_catalog.row_of(text)


def test_ambiguous_prefix(catalog_of: CatalogOf) -> None:
    catalog = catalog_of([build(n, name) for n, name in enumerate(["zlib"] * 6 + ["hdf5"])])
    with pytest.raises(HashError, match=r"is ambiguous: 7 builds, .* and 2 more; type more characters"):
        catalog.row_of("aaa")
    with pytest.raises(HashError, match="is ambiguous: 6 builds, zlib/aaaaaaaaaaaa"):
        catalog.row_of("zlib/aaa")
    assert catalog.spec(catalog.row_of("hdf5/aaa")).name == "hdf5"
    assert catalog.row_of(dag_hash(3)) == catalog.row_of(f"zlib/{dag_hash(3)}")


@given(st.text(ALPHABET, min_size=32, max_size=32), st.text(ALPHABET, min_size=32, max_size=32))
def test_packed_hashes_sort_alike(one: str, other: str) -> None:
    assert unpack_hash(pack_hash(one)) == one
    assert (pack_hash(one) < pack_hash(other)) == (in_base32(one) < in_base32(other))


@given(st.lists(st.text(ALPHABET, min_size=32, max_size=32)))
def test_hashes_packed_together(hashes: list[str]) -> None:
    assert pack_hashes(hashes) == b"".join(map(pack_hash, hashes))


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_arrays_are_packed_like_lists(values: list[int]) -> None:
    for limit in (1 << 8, 1 << 16, 1 << 32):
        small = [value % limit for value in values]
        for typecode in "IQ":
            assert pack(array(typecode, small), limit) == pack(small, limit)


@pytest.mark.parametrize(("limit", "size"), [(0, 1), (256, 1), (257, 2), (65536, 2), (65537, 4)])
def test_narrowest_array(limit: int, size: int) -> None:
    values = [limit - 1, 0] if limit else []
    data = pack(values, limit)
    assert pack(array("I", values), limit) == data
    assert list(unpack(data)) == values
    assert len(data) == 1 + size * len(values)


# Files that are no catalog


def test_other_schema(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    compile_catalog([build()], path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = '0-x' WHERE key = 'schema'")
        db.commit()
    with pytest.raises(CatalogError, match=f"a catalog of schema 0-x, not {SCHEMA}"):
        Catalog(path)


@pytest.mark.parametrize("data", [b"", b"not SQLite at all" * 100, b"SQLite format 3\0", b"\0" * 8192])
def test_not_a_catalog(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(data)
    with pytest.raises(CatalogError, match=r"c\.sqlite: not a catalog"):
        Catalog(path)


def test_missing_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.sqlite"):
        with pytest.raises(CatalogError, match="not a catalog"):
            Catalog(path)


def test_any_other_database(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE x (y)")
        db.commit()
    with pytest.raises(CatalogError, match="not a catalog"):
        Catalog(path)


def test_file_that_is_cut_short_does_not_open(real_specs: list[Spec], tmp_path: Path) -> None:
    path, cut = tmp_path / "c.sqlite", tmp_path / "cut.sqlite"
    compile_catalog(real_specs, path)
    data = path.read_bytes()
    for end in [*range(0, len(data), 4096), len(data) - 1]:
        cut.write_bytes(data[:end])
        with pytest.raises(CatalogError):
            Catalog(cut).close()


def test_missing_part(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    compile_catalog([build()], path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM chunk")
        db.commit()
    looks: list[Callable[[Catalog], object]] = [
        lambda catalog: catalog.column("os"),
        lambda catalog: catalog.packages,
        lambda catalog: catalog.listed,
        lambda catalog: catalog.edges(0),
        lambda catalog: catalog.dag_hash(0),
        lambda catalog: catalog.column("os")[0],
        lambda catalog: catalog.facet("os"),
    ]
    with closing(Catalog(path)) as catalog:
        for look in looks:
            with pytest.raises(CatalogError, match="damaged"):
                look(catalog)


def test_two_readers_and_a_name_that_sqlite_could_misread(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20.sqlite"
    compile_catalog([build()], path)
    with closing(Catalog(path)) as one, closing(Catalog(path)) as other:
        assert one.spec(0) == other.spec(0) == build()


def test_file_is_closed_while_other_threads_read(real_catalog: Catalog) -> None:
    """SQLite would crash the process."""

    def read_on(catalog: Catalog, started: Event) -> None:
        with suppress(CatalogError):
            while True:
                catalog._storage.all("SELECT data FROM chunk")
                started.set()

    for _ in range(20):
        catalog, started = Catalog(real_catalog.path), Event()
        readers = [Thread(target=read_on, args=(catalog, started)) for _ in range(2)]
        for reader in readers:
            reader.start()
        started.wait()
        catalog.close()
        for reader in readers:
            reader.join()
        with pytest.raises(CatalogError):
            catalog._storage.bitmap("listed")
