"""Damaged catalogs: found, set aside and compiled again; and what `refresh --force` takes for granted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.errors import CatalogError, DamagedError
from cachetui.refresh import Policy, open_cached, open_catalog, set_aside
from tests.builders.damage import executed
from tests.builders.mirrors import mirror
from tests.conftest import Call, dag_hash
from tests.refresh.files import catalog_file, hashes

pytestmark = pytest.mark.usefixtures("home")

LATE = executed("UPDATE chunk SET data = x'42' WHERE name = 'hash'")
"""Damage that is not seen when the catalog is opened."""

FORCED = Policy(force=True)


def aside() -> list[str]:
    return [path.name for path in paths.catalog_dir().iterdir() if path.suffix == ".damaged"]


def test_refresh_finds_what_opening_does_not(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    assert not open_catalog([location], policy=FORCED).compiled
    LATE(catalog_file())
    opened = open_catalog([location])
    assert not opened.compiled
    with pytest.raises(DamagedError):
        hashes(opened)
    renewed = open_catalog([location], policy=FORCED)
    assert renewed.compiled and hashes(renewed) == {dag_hash(1)}
    assert len(aside()) == 1


def test_it_is_said_and_only_the_last_one_is_kept(tmp_path: Path) -> None:
    for name in ("m", "n"):
        location = mirror(tmp_path / name, 1)
        path = open_catalog([location]).catalog.path
        path.write_bytes(path.read_bytes()[:30_000])
        opened = open_catalog([location])
        assert any("was damaged and is compiled again" in note for note in opened.damaged)
        assert open_catalog([location]).damaged == ()
        assert aside() == [f"{path.stem}.damaged"]


def test_newer_file_is_not_set_aside(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    LATE(catalog_file())
    opened = open_catalog([location])
    with pytest.raises(DamagedError) as caught:
        opened.catalog.dag_hash(0)
    hashes(open_catalog([location], policy=FORCED))
    before = catalog_file().stat()
    assert set_aside(caught.value)
    assert catalog_file().stat() == before


def test_file_of_the_user_is_not_set_aside(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    output = tmp_path / "site.sqlite"
    hashes(open_catalog([location], output=output))
    LATE(output)
    opened = open_catalog([str(output)])
    with pytest.raises(DamagedError) as caught:
        opened.catalog.dag_hash(0)
    assert not set_aside(caught.value)
    assert output.exists()


def test_force_reads_again_what_has_the_same_size_and_time(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    index = tmp_path / "m" / "build_cache" / "index.json"
    hashes(open_catalog([location]))
    before = index.stat()
    mirror(tmp_path / "m", 2)
    os.utime(index, ns=(before.st_atime_ns, before.st_mtime_ns))
    if index.stat().st_size == before.st_size and index.stat().st_ino == before.st_ino:
        assert hashes(open_catalog([location], policy=FORCED)) == {dag_hash(1)}
    forced = Policy(force=True, afresh=True)
    assert hashes(open_catalog([location], policy=forced)) == {dag_hash(2)}


def test_command_goes_on_with_a_new_catalog(tmp_path: Path, call: Call) -> None:
    location = mirror(tmp_path / "m", 1)
    assert call("list", location, "--format", "hashes").out == f"{dag_hash(1)}\n"
    LATE(catalog_file())
    done = call("list", location, "--format", "hashes")
    assert (done.code, done.out) == (0, f"{dag_hash(1)}\n")
    assert "damaged" in done.err
    assert call("list", location, "--format", "hashes").err == ""


def test_damaged_at_the_start_of_the_browser(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    hashes(open_catalog([location]))
    executed("DELETE FROM meta WHERE key = 'checksum'")(catalog_file())
    assert open_cached([location], Policy()) is None


def test_previous_catalogs_are_never_shown_damaged(tmp_path: Path) -> None:
    output = tmp_path / "c.sqlite"
    hashes(open_catalog([mirror(tmp_path / "m", 1)], output=output))
    executed("UPDATE meta SET value = 'x' WHERE key = 'specs'")(output)
    with pytest.raises(CatalogError, match="damaged"):
        open_catalog([str(output)])


def test_command_says_what_was_damaged_if_nothing_can_be_compiled(tmp_path: Path, call: Call) -> None:
    location = mirror(tmp_path / "m", 1)
    assert call("list", location, "--format", "hashes").code == 0
    LATE(catalog_file())
    (tmp_path / "m" / "build_cache" / "index.json").write_bytes(b"{")
    done = call("list", location, "--format", "hashes")
    assert (done.code, done.out) == (3, "")
    *_, damage, failure = done.err.splitlines()
    assert damage == "cachetui: the catalog was damaged and is compiled again"
    assert "index.json: truncated" in failure


def test_a_catalog_that_cannot_be_set_aside_is_not_opened_again(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = mirror(tmp_path / "m", 1)
    assert call("list", location, "--format", "hashes").code == 0
    LATE(catalog_file())

    replace = os.replace

    def refused(source: Path, target: Path) -> None:
        if paths.cache_dir() in target.parents:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)
    done = call("list", location, "--format", "hashes")
    assert (done.code, done.out) == (0, f"{dag_hash(1)}\n")
    assert "the catalog is damaged and cannot be replaced" in done.err
    assert "working from a temporary catalog" in done.err
