"""Resolve locations: configured mirrors, their names, public names, views, paths, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachetui.config import PublicPlaces
from cachetui.errors import LocationError, SourceError
from cachetui.locate import LocationResolver
from cachetui.refresh import open_catalog
from cachetui.spec import Place
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, v2, v3
from tests.refresh.world import PUBLIC, configured, numbers, opened, places
from tests.servers.faults import faulty

WAYS_OUT = "cachetui mirrors lists those of Spack, with --public the public ones"


def test_no_location_means_the_mirrors_of_spack_in_order(world: World) -> None:
    second, first = mirror(world.folder / "x", 2, 3), mirror(world.folder / "y", 1, 2)
    world.mirrors(f"b: {first}", "source: {url: 'https://nowhere.invalid', binary: false}", f"a: {second}")
    result = opened()
    assert result.catalog.meta["title"] == "b + a"
    assert (result.failures, result.is_sample) == ((), False)
    assert {number: {place[0] for place in found} for number, found in places().items()} == {
        1: {"b"},
        2: {"b", "a"},
        3: {"a"},
    }


@pytest.mark.parametrize("lines", [(), ("m: {url: 'https://nowhere.invalid', binary: false}",)])
def test_no_mirrors_means_the_sample(world: World, lines: tuple[str, ...]) -> None:
    world.mirrors(*lines)
    assert opened().is_sample


def test_name_of_a_mirror(world: World) -> None:
    world.mirrors(f"a: {mirror(world.folder / 'x', 1)}", f"b: {mirror(world.folder / 'y', 2)}")
    assert places("b") == {2: {("b", "", "", "")}}


def test_path_wins_over_a_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.mirrors(f"a: {mirror(world.folder / 'x', 1)}")
    monkeypatch.chdir(world.folder)
    assert numbers("a") == {1}
    mirror(world.folder / "a", 2)
    assert numbers("a") == {2}


@pytest.mark.parametrize("name", ["nobody", "nobody/knows", "developer", "v", "../develop", "develop/a/b"])
def test_unknown_name(world: World, name: str) -> None:
    with pytest.raises(LocationError) as caught:
        open_catalog([name], policy=configured())
    assert str(caught.value) == f"{name}: no such file or folder, and no mirror of that name; {WAYS_OUT}"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("develop", ("develop", "develop", "root", "")),
        ("develop/root", ("develop", "develop", "root", "")),
        ("develop-2025-07-13", ("develop-2025-07-13", "develop-2025-07-13", "root", "")),
        ("v2025.07.0/e4s", ("v2025.07.0/e4s", "v2025.07.0", "e4s", "")),
        ("releases/v2025.11", ("releases/v2025.11", "releases/v2025.11", "root", "")),
        ("releases/v2/ml-linux", ("releases/v2/ml-linux", "releases/v2", "ml-linux", "")),
    ],
)
def test_public_names(world: World, name: str, place: tuple[str, str, str, str]) -> None:
    path = "/" + name.removesuffix("/root")
    with faulty(v3(path, index(1))) as server:
        world.settings(PUBLIC.format(url=server.url))
        assert places(name) == places(f"{server.url}{path}") == {1: {place}}


@pytest.mark.parametrize("template", ["{url}/{{name}}", "{url}/{{name}}/", "{url}/{{name}}/mirror"])
def test_url_of_a_public_mirror_gives_tag_and_stack(world: World, template: str) -> None:
    url = "https://public.example"
    public = PublicPlaces(mirror=template.format(url=url), names=configured().public.names)
    tail = template.partition("}}")[2].rstrip("/")
    world.mirrors(f"mine: {url}/v1.0/e4s{tail}", f"other: {url}/elsewhere{tail}")
    mine, other = LocationResolver(public).resolve_defaults([])
    assert mine.address is not None and other.address is not None
    assert mine.address.place == Place(tag="v1.0", stack="e4s", mirror="mine")
    assert other.address.place == Place(mirror="other")


def test_views_of_one_mirror_merge_by_hash(world: World) -> None:
    table = {**v3("/m", index(1, 2, 3)), **v3("/m", index(1, 2), "one"), **v3("/m", index(2, 3), "two")}
    with faulty(table) as server:
        world.mirrors(f"a: {{url: '{server.url}/m', view: one}}", f"b: {{url: '{server.url}/m', view: two}}")
        assert places() == {
            1: {("a", "", "", "one")},
            2: {("a", "", "", "one"), ("b", "", "", "two")},
            3: {("b", "", "", "two")},
        }
        result = open_catalog([], policy=configured())
        rows = {value: len(result.catalog.facet("view").rows(value)) for value in ("one", "two")}
        result.catalog.close()
        assert rows == {"one": 2, "two": 2}


def test_relative_and_file_mirrors(world: World) -> None:
    mirror(world.scope / "near", 1)
    spaced = mirror(world.folder / "a b", 2)
    world.mirrors("near: ./near", f"far: file://{spaced.replace(' ', '%20')}")
    assert places() == {1: {("near", "", "", "")}, 2: {("far", "", "", "")}}


def test_one_file_url_under_two_names_has_two_catalogs(world: World) -> None:
    url = f"file://{mirror(world.folder / 'm', 1)}"
    world.mirrors(f"a: {url}", f"b: {url}")
    assert opened("a").catalog.path != opened("b").catalog.path
    assert not opened("a").compiled


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sftp://host/m", "sftp:// is not supported"),
        ("ssh://user:secret@host/m", "ssh:// is not supported"),
        ("https:///m", "the URL has no host"),
        ("http://host:99999999/m", "not a URL"),
        ("/nowhere/at/all", "no such file or folder"),
    ],
)
def test_unreadable_mirror_does_not_hide_the_others(world: World, url: str, reason: str) -> None:
    world.mirrors(f"good: {mirror(world.folder / 'm', 1)}", f"bad: {url}", "source: {url: x, binary: false}")
    result = opened()
    (failure,) = result.failures
    assert reason in failure and "secret" not in failure
    assert numbers() == {1}


def test_first_error_is_raised_if_no_mirror_can_be_read(world: World) -> None:
    world.mirrors("one: sftp://host/m", "two: /nowhere")
    with pytest.raises(LocationError, match="sftp:// is not supported"):
        opened()


def test_named_mirror_whose_folder_is_missing(world: World) -> None:
    world.mirrors(f"m: {world.folder}/gone")
    with pytest.raises(LocationError, match=r"^m \(.*gone: no such file or folder\)$"):
        opened("m")


def test_url_without_an_index(world: World) -> None:
    with faulty({}) as server, pytest.raises(SourceError, match=r"no index of a build cache.*404"):
        opened(f"{server.url}/m")


def test_layouts_behind_one_host(world: World, tmp_path: Path) -> None:
    with faulty({**v2("/two", index(2)), **v3("/three", index(3))}) as server:
        assert numbers(f"{server.url}/two", f"{server.url}/three", mirror(tmp_path / "m", 1)) == {1, 2, 3}
