"""The same builds through every layout and transport give equal catalogs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from cachetui.fetch import Access, address_of
from cachetui.secret import Secret
from cachetui.sources import MirrorSource, Source, open_path
from cachetui.spec import Place, Spec
from tests.builders.mirrors import (
    INDEX,
    OTHER,
    V2,
    VIEW,
    packed,
    served,
    specs_of,
    v2_files,
    v3_files,
    write_files,
)
from tests.conftest import CatalogOf
from tests.fetch.reader import Reader
from tests.servers.faults import Gzipped, faulty
from tests.servers.moto_server import make_bucket, put_tree, s3_server
from tests.servers.registry import push_index, registry

HERE = Place(mirror="here")


class Ways:
    """Publishes the index as each kind of mirror, and returns the source that reads it."""

    def __init__(self, reader: Reader, tmp_path: Path) -> None:
        self.reader = reader
        self.folder = tmp_path

    def path(self, files: dict[str, bytes], place: Place = HERE) -> Source:
        (source,) = open_path(str(write_files(self.folder / "mirror", files)), place)
        return source

    def url(self, url: str, access: Access | None = None, place: Place = HERE) -> Source:
        self.reader.update(url, access, place)
        return MirrorSource(address_of(url, place), self.reader.store)

    def http(self, files: dict[str, bytes], place: Place = HERE) -> Source:
        with faulty(served(files)) as server:
            return self.url(f"{server.url}/m", place=place)

    def packed_on_the_way(self) -> Source:
        with faulty({f"/m/{V2}": Gzipped(INDEX)}) as server:
            return self.url(f"{server.url}/m")

    def oci(self) -> Source:
        with registry(self.folder / "registry") as url:
            push_index(url, "cache", INDEX)
            return self.url(f"{url.replace('http', 'oci+http', 1)}/cache")

    def s3(self) -> Source:
        with s3_server() as endpoint:
            make_bucket(endpoint, "bucket")
            put_tree(endpoint, "bucket", "m", write_files(self.folder / "s3", v3_files(INDEX)))
            return self.url("s3://bucket/m", Access("id", Secret("secret"), endpoint_url=endpoint))


VIEWED = Place(mirror="here", view="mine")

WAYS: dict[str, Callable[[Ways], Source]] = {
    "v2, path, gzip": lambda ways: ways.path({"build_cache/index.json.gz": packed(INDEX)}),
    "v3, path": lambda ways: ways.path(v3_files(INDEX)),
    "v3, path, gzip": lambda ways: ways.path(v3_files(packed(INDEX), compression="gzip")),
    "v3 view, path": lambda ways: ways.path({**v3_files(OTHER), **v3_files(INDEX, VIEW)}, VIEWED),
    "v2, HTTP": lambda ways: ways.http(v2_files(INDEX)),
    "v2, HTTP, gzip": lambda ways: ways.http({V2: packed(INDEX)}),
    "v2, HTTP, gzip on the way": Ways.packed_on_the_way,
    "v3, HTTP": lambda ways: ways.http(v3_files(INDEX)),
    "v3, HTTP, gzip": lambda ways: ways.http(v3_files(packed(INDEX), compression="gzip")),
    "v3 view, HTTP": lambda ways: ways.http({**v3_files(OTHER), **v3_files(INDEX, VIEW)}, VIEWED),
    "OCI": Ways.oci,
    "v3, S3": Ways.s3,
}


@pytest.fixture
def reference(tmp_path: Path, catalog_of: CatalogOf) -> dict[str, list[tuple[object, ...]]]:
    """The content of the catalog of a mirror of layout v2 in a folder."""
    (source,) = open_path(str(write_files(tmp_path / "reference", v2_files(INDEX))), HERE)
    return content(catalog_of, specs_of(source))


def content(catalog_of: CatalogOf, specs: list[Spec]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a catalog by table, without `meta`, which is about the catalog itself."""
    catalog = catalog_of(specs)
    assert len(catalog) > 50
    return dict(tables(catalog.path))


def tables(file: Path) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    with closing(sqlite3.connect(file)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for name in sorted(set(names) - {"meta"}):
            yield name, sorted(database.execute(f"SELECT * FROM {name}"), key=repr)


@pytest.mark.parametrize("way", WAYS)
def test_equal_catalogs(
    way: str,
    reader: Reader,
    tmp_path: Path,
    catalog_of: CatalogOf,
    reference: dict[str, list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    specs = specs_of(WAYS[way](Ways(reader, tmp_path)))
    if "view" in way:
        assert {spec.places for spec in specs} == {(VIEWED,)}
        specs = [replace(spec, places=(HERE,)) for spec in specs]
    catalog = content(catalog_of, specs)
    assert catalog.keys() == reference.keys()
    for name, rows in catalog.items():
        assert rows == reference[name], name
    assert sum(len(rows) for rows in catalog.values()) > 100
