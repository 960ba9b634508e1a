"""What a catalog stores about its mirrors: name, URL, layout, view, signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui import paths
from cachetui.catalog import MirrorInfo
from cachetui.refresh import open_catalog
from tests.builders.homes import World
from tests.builders.mirrors import damaged, index, mirror, v2, v3, v3_files, write_files
from tests.conftest import DATA
from tests.refresh.world import configured, everything_below
from tests.servers.faults import Content, faulty, image

SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n%s\n-----BEGIN PGP SIGNATURE-----\n\n=ab\n"


def stored(*locations: str) -> list[MirrorInfo]:
    """The mirrors in the catalog of some locations; opening it again reads the same."""
    found = []
    for _ in range(2):
        opened = open_catalog(locations, policy=configured())
        found.append(list(opened.catalog.mirrors))
        opened.catalog.close()
    assert found[0] == found[1]
    return found[0]


def test_mirror_of_layout_v2(world: World) -> None:
    path = mirror(world.folder / "site", 1)
    assert stored(path) == [MirrorInfo("site", path, "v2")]
    assert stored(f"{path}/build_cache") == [MirrorInfo("site", path, "v2")]


def test_mirror_of_layout_v3_with_a_view(world: World) -> None:
    with faulty({**v3("/m", index(1)), **v3("/m", index(2), view="mine")}) as server:
        url = f"{server.url}/m"
        world.mirrors(f"a: {url}", f"b: {{url: {url}, view: mine, signed: false}}")
        assert stored() == [MirrorInfo("a", url, "v3"), MirrorInfo("b", url, "v3", "mine", signed=False)]


def test_local_mirror_of_layout_v3(world: World) -> None:
    root = write_files(world.folder / "site", v3_files(index(1)))
    assert stored(str(root)) == [MirrorInfo("site", str(root), "v3")]


def test_registry(world: World) -> None:
    with faulty(image("cache", index(1))) as server:
        url = f"{server.url.replace('http', 'oci+http')}/cache"
        assert stored(url) == [MirrorInfo("cache", url, "oci")]


def test_pages(world: World) -> None:
    root = DATA / "pages"
    assert stored(str(root)) == [MirrorInfo("develop + develop-2025-03-30", str(root), "pages")]


@pytest.mark.parametrize("name", ["index.json", "other.json"])
def test_index_file(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = world.folder / "alone" / name
    file.parent.mkdir()
    file.write_bytes(index(1))
    monkeypatch.chdir(file.parent)
    mirror_name = "alone" if name == "index.json" else name
    assert stored(name) == [MirrorInfo(mirror_name, str(file), "file")]


def test_merged_locations(world: World) -> None:
    one, two = mirror(world.folder / "one", 1, 2), mirror(world.folder / "two", 2, 3)
    with faulty(v2("/m", index(2))) as server:
        remote = f"{server.url}/m"
        expected = [MirrorInfo("one", one, "v2"), MirrorInfo("two", two, "v2"), MirrorInfo("m", remote, "v2")]
        assert stored(one, two, remote) == expected


def test_mirror_that_cannot_be_read_is_left_out(world: World) -> None:
    one = mirror(world.folder / "one", 1)
    assert stored(one, damaged(world.folder / "bad")) == [MirrorInfo("one", one, "v2")]


def test_the_sample(world: World) -> None:
    (index_mirror, pages) = stored("sample")
    assert {index_mirror.layout, pages.layout} == {"v2", "pages"}
    assert Path(index_mirror.url).parent == Path(pages.url).parent == paths.sample_dir()


@pytest.mark.parametrize(
    ("setting", "is_clearsigned", "signed"),
    [
        ("", False, None),
        ("", True, True),
        (", signed: true", False, True),
        (", signed: false", True, False),
    ],
)
def test_signed(world: World, setting: str, is_clearsigned: bool, signed: bool | None) -> None:
    table = v3("/m", index(1))
    if is_clearsigned:
        (path, content), *_ = table.items()
        assert isinstance(content, Content)
        table[path] = Content(SIGNED % content.data, '"signed"')
    with faulty(table) as server:
        world.mirrors(f"a: {{url: {server.url}/m{setting}}}")
        assert [each.signed for each in stored()] == [signed]


def test_local_manifest_that_is_signed(world: World) -> None:
    path, content = next(iter(v3_files(index(1)).items()))
    files = {**v3_files(index(1)), path: SIGNED % content}
    assert [each.signed for each in stored(str(write_files(world.folder / "site", files)))] == [True]


def test_manifest_that_gets_a_signature(world: World) -> None:
    """The index is the one that was downloaded before, so nothing but the manifest is fetched again."""
    table = v3("/m", index(1))
    with faulty(table) as server:
        world.mirrors(f"a: {server.url}/m")
        assert [each.signed for each in stored()] == [None]
        (path, content), *_ = server.table.items()
        assert isinstance(content, Content)
        server.table[path] = Content(SIGNED % content.data, '"signed"')
        opened = open_catalog((), policy=configured(max_age=0.0))
        opened.catalog.close()
        assert opened.failures == ()
        next(paths.catalog_dir().iterdir()).unlink()
        assert [each.signed for each in stored()] == [True]


def test_no_secret_is_stored(world: World) -> None:
    with faulty(v2("/m", index(1))) as server:
        url = server.url.replace("://", "://reader:geheim@")
        (found,) = stored(f"{url}/m?X-Amz-Signature=verborgen")
        assert (found.name, found.layout) == ("m", "v2")
        assert found.url.startswith(f"{server.url}/m")
    written = everything_below(paths.catalog_dir())
    assert b"geheim" not in written and b"verborgen" not in written
