"""Report on mirrors: their states, and why one cannot be read, without using the network."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from cachetui.config import PublicPlaces
from cachetui.fetch import IndexState, address_of
from cachetui.locate import LocationResolver, MirrorStatus, mirrors_report, save_counts
from tests.builders.homes import World
from tests.builders.mirrors import mirror

URL = "https://mirror.example/m"


def only_mirror(*locations: str, max_age: float = 60.0) -> MirrorStatus:
    (status,) = mirrors_report(locations, PublicPlaces(), max_age).mirrors
    return status


def store_state(folder: Path, age: float, **fields: object) -> None:
    """Write the state of the mirror at URL, as after a download."""
    file = folder / "index.json"
    file.write_bytes(b"{}")
    store, address = LocationResolver(PublicPlaces()).store, address_of(URL)
    checked = Path(file).stat().st_mtime - age
    store.write(address, replace(IndexState(file=str(file), sha256="0" * 64, checked=checked), **fields))


def test_reason_does_not_repeat_the_path_beside_it(world: World) -> None:
    missing = world.folder / "missing"
    world.mirrors(f"m: {missing}")
    status = only_mirror()
    assert (status.name, status.url, status.state) == ("m", str(missing), "failed")
    assert status.reason == "no such file or folder"


def test_location_is_reported_as_it_was_named(world: World) -> None:
    world.mirrors()
    status = only_mirror(mirror(world.folder / "m", 1))
    assert (status.name, status.state, status.where) == ("m", "on this machine", "named")
    assert status.location == str(world.folder / "m")


@pytest.mark.parametrize(("age", "state"), [(0, "up to date"), (3600, "older")])
def test_state_depends_on_the_maximum_age(world: World, age: float, state: str) -> None:
    world.mirrors(f"m: {URL}")
    assert only_mirror().state == "never read"
    store_state(world.folder, age, records=3)
    status = only_mirror()
    assert (status.state, status.records) == (state, 3)


def test_failure_is_the_state_of_a_mirror_with_an_index(world: World) -> None:
    world.mirrors(f"m: {URL}")
    store_state(world.folder, 0, failure="404 Not Found")
    status = only_mirror()
    assert (status.state, status.reason) == ("failed", "404 Not Found")


def test_count_of_a_local_index_is_stored_until_it_changes(world: World) -> None:
    folder = mirror(world.folder / "m", 1, 2)
    world.mirrors(f"m: {folder}")
    resolver = LocationResolver(PublicPlaces())
    (source,) = resolver.open_sources(resolver.resolve("m"))
    assert only_mirror().records is None
    save_counts([(source, 2)])
    assert only_mirror().records == 2
    mirror(world.folder / "m", 1, 2, 3)
    assert only_mirror().records is None
