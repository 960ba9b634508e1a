"""Previous catalogs: kept when they are replaced, bounded, and found by their age."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.errors import CachetuiError, CatalogError
from cachetui.refresh import Generation, Opened, generation_at, kept_generations, open_catalog
from cachetui.refresh.generations import (
    DAYS,
    MOST_BYTES,
    MOST_FILES,
    WEEKS,
    keeping_previous,
    kept_of,
)
from tests.conftest import MIRROR_023

INDEX = MIRROR_023 / "build_cache/index.json.gz"
DAY, HOUR = 86400.0, 3600.0
NOW = 20_000 * DAY + 12 * HOUR

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror whose index can be changed."""
    folder = tmp_path / "mirror"
    (folder / "build_cache").mkdir(parents=True)
    return folder


def publish(mirror: Path, every: int) -> Opened:
    """Write an index without some of its builds, and open the catalog of it."""
    index = json.loads(gzip.decompress(INDEX.read_bytes()))
    installs = index["database"]["installs"]
    kept = {key: install for n, (key, install) in enumerate(sorted(installs.items())) if n % every}
    index["database"]["installs"] = kept
    (mirror / "build_cache/index.json").write_text(json.dumps(index))
    opened = open_catalog([str(mirror)])
    opened.catalog.close()
    return opened


def age(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))


def test_the_catalog_that_is_replaced_is_kept_without_a_copy(mirror: Path) -> None:
    path = publish(mirror, 3).catalog.path
    assert kept_generations(path) == []
    first = path.stat()
    publish(mirror, 4)
    (kept,) = kept_generations(path)
    assert (kept.path.stat().st_ino, kept.time) == (first.st_ino, first.st_mtime)
    assert path.stat().st_ino != first.st_ino
    catalog = Catalog(kept.path)
    assert len(catalog.listed) > 0
    catalog.close()


def test_what_is_up_to_date_is_not_kept_again(mirror: Path) -> None:
    publish(mirror, 3)
    open_catalog([str(mirror)]).catalog.close()
    assert not paths.previous_dir().exists()


def test_a_catalog_of_failed_mirrors_is_not_kept(mirror: Path, tmp_path: Path) -> None:
    publish(mirror, 3)
    locations = [str(mirror), str(tmp_path / "absent")]
    opened = open_catalog(locations)
    opened.catalog.close()
    assert opened.failures
    (tmp_path / "absent" / "build_cache").mkdir(parents=True)
    (tmp_path / "absent/build_cache/index.json").write_bytes(gzip.decompress(INDEX.read_bytes()))
    again = open_catalog(locations)
    again.catalog.close()
    assert again.compiled and not again.failures
    assert kept_generations(opened.catalog.path) == []


def test_an_error_while_compiling_keeps_nothing(mirror: Path) -> None:
    path = publish(mirror, 3).catalog.path
    with pytest.raises(CachetuiError), keeping_previous(path):
        assert len(kept_generations(path)) == 1
        raise CatalogError("disk full")
    assert kept_generations(path) == []


def test_without_hard_links_nothing_is_kept(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = publish(mirror, 3).catalog.path

    def refuse(*_: object, **named: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert publish(mirror, 4).compiled
    assert kept_generations(path) == []


def test_catalogs_that_cannot_be_read_are_swept(mirror: Path) -> None:
    path = publish(mirror, 3).catalog.path
    paths.previous_dir().mkdir(parents=True)
    old = paths.previous_dir() / f"{path.stem}.000000000001.sqlite"
    old.write_bytes(b"of another schema")
    publish(mirror, 4)
    assert not old.exists() and len(kept_generations(path)) == 1


def test_those_of_other_locations_are_swept_when_they_are_old(mirror: Path) -> None:
    path = publish(mirror, 3).catalog.path
    paths.previous_dir().mkdir(parents=True)
    recent, old = (paths.previous_dir() / f"other.{n:012}.sqlite" for n in range(2))
    for file, days in ((recent, 20), (old, 50)):
        file.touch()
        age(file, path.stat().st_mtime - days * DAY)
    publish(mirror, 4)
    assert recent.exists() and not old.exists()


def test_the_one_shown_at_a_time_is_found(mirror: Path) -> None:
    path = publish(mirror, 3).catalog.path
    for number, every in enumerate((4, 5, 6)):
        age(path, NOW - (3 - number) * DAY)
        publish(mirror, every)
    age(path, NOW)
    times = [generation.time for generation in kept_generations(path)]
    assert times == [NOW - DAY, NOW - 2 * DAY, NOW - 3 * DAY]
    for hours, expected in (
        (0, NOW),
        (1, NOW - DAY),
        (24, NOW - DAY),
        (25, NOW - 2 * DAY),
        (999, NOW - 3 * DAY),
    ):
        found = generation_at(path, NOW - hours * HOUR)
        assert found is not None and found.time == expected
    found = generation_at(path, NOW)
    assert found is not None and found.path == path


def test_no_catalog_has_no_generation(tmp_path: Path) -> None:
    assert generation_at(tmp_path / "absent.sqlite", NOW) is None


def of_ages(ages: Sequence[float], size: int = 1000) -> list[Generation]:
    return [Generation(Path(str(each)), NOW - each, size) for each in ages]


def test_the_last_of_each_day_and_week_is_kept() -> None:
    hourly = of_ages([hours * HOUR for hours in range(24 * 60)])
    kept = kept_of(hourly)
    assert len(kept) <= MOST_FILES and kept[0] == hourly[0]
    days = [int(each.time // DAY) for each in kept]
    assert len(set(days)) == len(days)
    assert days[:DAYS] == [20_000 - n for n in range(DAYS)]
    assert len({int(each.time // (7 * DAY)) for each in kept}) == WEEKS


def test_there_is_room_for_so_many_bytes() -> None:
    large = of_ages([days * DAY for days in range(20)], MOST_BYTES // 3)
    assert kept_of(large) == large[:3]
    assert kept_of(of_ages([1.0], MOST_BYTES + 1)) == []
