"""One compiled catalog for all users of a site, and what is opened if it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.catalog import Catalog
from tests.builders.damage import executed
from tests.builders.homes import World
from tests.builders.mirrors import damaged, index, mirror, v2
from tests.conftest import Call, dag_hash
from tests.refresh.world import asked, gone
from tests.servers.faults import Missing, faulty
from tests.tools import program


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def compile_into(call: Call, file: Path, *locations: str) -> None:
    done = call("refresh", "--output", str(file), *locations)
    assert (done.code, done.out) == (0, f"{file}\n"), done.err


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All files below a folder, with their times."""
    return {
        str(file): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_site_catalog_is_opened_without_compiling_or_writing(world: World, call: Call) -> None:
    site = world.folder / "site"
    site.mkdir()
    compile_into(call, site / "all.sqlite", mirror(world.folder / "m", 1, 2))
    world.site_settings(f"catalog: {site / 'all.sqlite'}\n")
    world.mirrors("broken: /nowhere")
    (site / "all.sqlite").chmod(0o444)
    paths.cache_dir().parent.mkdir(parents=True)
    paths.cache_dir().write_text("in the way")
    before = contents(world.folder)
    for arguments, out in (
        (("list", "--count"), "2\n"),
        (("packages", "--format", "names"), "zlib\n"),
        (("list", "--format", "hashes", "--limit", "1", "--max-age", "0"), f"{dag_hash(2)}\n"),
    ):
        assert call(*arguments) == (0, out, "")
    assert contents(world.folder) == before


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_site_catalog_has_the_mode_of_the_umask(
    world: World, umask: None, mask: int, mode: int, call: Call
) -> None:
    file = world.folder / "all.sqlite"
    file.touch(mode=0o600)
    os.umask(mask)
    compile_into(call, file, mirror(world.folder / "m", 1))
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert sorted(each.name for each in file.parent.iterdir() if ".sqlite" in each.name) == ["all.sqlite"]


def test_catalog_of_a_user_is_private(world: World, umask: None, call: Call) -> None:
    call("list", mirror(world.folder / "m", 1))
    (file,) = paths.catalog_dir().glob("*.sqlite")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_settings_of_the_user_win(world: World, call: Call) -> None:
    compile_into(call, world.folder / "site.sqlite", mirror(world.folder / "m", 1))
    compile_into(call, world.folder / "own.sqlite", mirror(world.folder / "n", 1, 2))
    world.mirrors(f"o: {mirror(world.folder / 'o', 1, 2, 3)}")
    world.site_settings(f"catalog: {world.folder / 'site.sqlite'}\n")
    assert call("list", "--count").out == "1\n"
    world.settings(f"catalog: {world.folder / 'own.sqlite'}\n")
    assert call("list", "--count").out == "2\n"
    world.settings("catalog: ''\n")
    assert call("list", "--count").out == "3\n"


def another_schema(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.close()


def without_problems(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("DELETE FROM meta WHERE key = 'problems'")
    db.close()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


Damage = Callable[[Path], object]

BAD: dict[str, tuple[Damage, str]] = {
    "another schema": (another_schema, "a catalog of schema 1, not"),
    "no problems": (without_problems, "wrong checksum of the meta"),
    "empty": (lambda file: file.write_bytes(b""), "not a catalog"),
    "no catalog": (lambda file: file.write_bytes(b"garbage" * 99), "not a catalog"),
    "cut short": (lambda file: os.truncate(file, file.stat().st_size // 2), "malformed"),
    "gone": (Path.unlink, "No such file"),
    "a folder": (a_folder, "not a catalog"),
}


@pytest.mark.parametrize("bad", BAD)
def test_unusable_site_catalog_falls_back_to_the_sources(world: World, bad: str, call: Call) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    damage, reason = BAD[bad]
    damage(file)
    world.site_settings(f"catalog: {file}\n")
    world.mirrors(f"n: {mirror(world.folder / 'n', 1, 2)}")
    done = call("list", "--count")
    assert (done.code, done.out) == (0, "2\n")
    assert done.err.startswith("cachetui: the catalog of the configuration is not used: ")
    assert reason in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize(
    "path", ["~nobody-of-that-name/x.sqlite", "'a\\0b'", '"a\\0b"', "http://h/x", "x" * 5000]
)
def test_invalid_path(world: World, path: str, call: Call) -> None:
    world.site_settings(f"catalog: {path}\n")
    world.mirrors(f"n: {mirror(world.folder / 'n', 1, 2)}")
    done = call("list", "--count")
    assert (done.code, done.out) == (0, "2\n")
    assert "the catalog of the configuration is not used" in done.err


def test_catalog_can_be_named(world: World, call: Call) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    world.mirrors("broken: /nowhere")
    assert call("list", "--count", str(file)) == (0, "1\n", "")
    assert call("list", "--count", f"file://{file}") == (0, "1\n", "")
    assert not paths.catalog_dir().exists()


def test_catalog_cannot_be_combined_with_other_locations(world: World, call: Call) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    done = call("list", "--count", str(file), mirror(world.folder / "n", 1, 2))
    assert (done.code, done.out) == (3, "2\n")
    assert done.err == f"cachetui: {file}: a compiled catalog cannot be combined with other locations\n"


@pytest.mark.parametrize("damage", [another_schema, without_problems])
def test_unusable_named_catalog_is_an_error(world: World, damage: Damage, call: Call) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    damage(file)
    done = call("list", str(file))
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert str(file) in done.err


# Making it


def test_missing_output_folder(world: World, call: Call) -> None:
    with faulty({}, Missing()) as server:
        done = call("refresh", "--output", str(world.folder / "no" / "all.sqlite"), f"{server.url}/m")
        assert (done.code, done.out) == (3, "")
        assert done.err == f"cachetui: {world.folder / 'no'}: no such folder\n"
        assert asked(server) == []
    assert not (world.folder / "no").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_unwritable_output_folder(world: World, call: Call) -> None:
    folder = world.folder / "site"
    folder.mkdir(mode=0o500)
    done = call("refresh", "--output", str(folder / "all.sqlite"), mirror(world.folder / "m", 1))
    assert (done.code, done.out) == (3, "")
    assert done.err == f"cachetui: {folder}: nothing can be written in this folder\n"


def test_output_file_that_cannot_be_replaced(world: World, call: Call) -> None:
    (world.folder / "taken").mkdir()
    done = call("refresh", "--output", str(world.folder / "taken"), mirror(world.folder / "m", 1))
    assert (done.code, done.out) == (2, "")
    assert (world.folder / "taken").is_dir()


def test_output_is_unchanged_if_a_source_fails(world: World, call: Call) -> None:
    file = world.folder / "all.sqlite"
    locations = mirror(world.folder / "a", 1), mirror(world.folder / "b", 2)
    compile_into(call, file, *locations)
    before = file.read_bytes()
    damaged(world.folder / "b")
    mirror(world.folder / "a", 1, 3)
    done = call("refresh", "--output", str(file), *locations)
    assert (done.code, file.read_bytes()) == (3, before)
    assert "truncated" in done.err and "showing the catalog compiled at an earlier start" in done.err
    damaged(world.folder / "a")
    assert call("refresh", "--output", str(file), *locations).code == 3
    assert call("refresh", "--output", str(file), "/nowhere").code == 3
    assert file.read_bytes() == before


def test_first_output_is_written_without_a_failed_source(world: World, call: Call) -> None:
    file = world.folder / "all.sqlite"
    done = call("refresh", "--output", str(file), mirror(world.folder / "a", 1), "file:///nowhere")
    assert (done.code, done.out) == (3, f"{file}\n")
    done = call("list", "--count", str(file))
    assert (done.code, done.out, done.err) == (
        3,
        "1\n",
        "cachetui: file:///nowhere: no such file or folder\n",
    )


def test_output_keeps_the_last_index_of_an_unreachable_mirror(world: World, call: Call) -> None:
    file = world.folder / "all.sqlite"
    with faulty(v2("/m", index(1))) as server:
        compile_into(call, file, f"{server.url}/m", mirror(world.folder / "n", 2))
        gone(server)
        server.otherwise = Missing()
        mirror(world.folder / "n", 2, 3)
        done = call("refresh", "--output", str(file), f"{server.url}/m", str(world.folder / "n"))
        assert done.code == 3 and "showing its index from" in done.err
    assert call("list", "--count", str(file)).out == "3\n"


def test_output_can_be_replaced_while_it_is_read(world: World, call: Call) -> None:
    file = world.folder / "all.sqlite"
    location = mirror(world.folder / "m", *range(50))
    compile_into(call, file, location)
    reader = Catalog(file)
    mirror(world.folder / "m", *range(60))
    compile_into(call, file, location)
    assert len([reader.spec(row).dag_hash for row in range(len(reader))]) == 50
    reader.close()
    assert call("list", "--count", str(file)).out == "60\n"


def test_refresh_ignores_the_site_catalog(world: World, call: Call) -> None:
    compile_into(call, world.folder / "site.sqlite", mirror(world.folder / "m", 1))
    world.site_settings(f"catalog: {world.folder / 'site.sqlite'}\n")
    world.mirrors(f"n: {mirror(world.folder / 'n', 1, 2)}")
    done = call("refresh")
    assert done.code == 0 and "2 builds" in done.err
    compile_into(call, world.folder / "site.sqlite")
    assert call("list", "--count").out == "2\n"


def test_command_writes_a_catalog_that_a_site_can_configure(world: World) -> None:
    file = world.folder / "all.sqlite"
    done = program("refresh", "--output", str(file), mirror(world.folder / "m", 1))
    assert (done.returncode, done.stdout) == (0, f"{file}\n")
    world.site_settings(f"catalog: {file}\n")
    assert program("list", "--count").stdout == "1\n"


LATE = executed("UPDATE chunk SET data = x'42' WHERE name = 'hash'")
"""Damage that is not seen when the catalog is opened."""


def test_site_catalog_that_turns_out_to_be_damaged_falls_back_to_the_sources(
    world: World, call: Call
) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    LATE(file)
    world.site_settings(f"catalog: {file}\n")
    world.mirrors(f"n: {mirror(world.folder / 'n', 1, 2)}")
    for _ in range(2):
        done = call("list", "--format", "hashes")
        assert (done.code, done.out) == (0, f"{dag_hash(1)}\n{dag_hash(2)}\n")
        assert done.err.startswith(f"cachetui: the catalog of the configuration is not used: {file}: damaged")
    assert file.exists()
    compile_into(call, file, mirror(world.folder / "m", 1))  # the administrator does
    assert call("list", "--format", "hashes") == (0, f"{dag_hash(1)}\n", "")


@pytest.mark.parametrize("damage", [LATE, Path.unlink, another_schema], ids=["late", "gone", "schema"])
def test_nothing_stands_in_for_a_site_catalog_without_mirrors(
    world: World, call: Call, damage: Damage
) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    damage(file)
    world.site_settings(f"catalog: {file}\n")
    done = call("list", "--format", "hashes")
    assert (done.code, done.out) == (3, "")
    assert f"the catalog of the configuration is not used: {file}: " in done.err
    assert "no mirror is configured" in done.err and "sample" not in done.err


def test_named_catalog_that_turns_out_to_be_damaged_is_an_error(world: World, call: Call) -> None:
    file = world.folder / "site.sqlite"
    compile_into(call, file, mirror(world.folder / "m", 1))
    LATE(file)
    world.site_settings(f"catalog: {file}\n")
    done = call("list", str(file), "--format", "hashes")
    assert (done.code, done.out, done.err.count(f"{file}: damaged")) == (3, "", 1)
