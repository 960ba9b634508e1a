"""What this machine says about builds: shown at once from the last start, and always looked at again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from pyroaring import BitMap

from cachetui import paths
from cachetui.config import Config, HostSettings
from cachetui.errors import HostError
from cachetui.host import Host
from cachetui.tui import StartOptions
from cachetui.tui.browse.screen import BrowseScreen
from cachetui.tui.judgement import FORMAT, Kept, Said, _store, read_kept
from tests.conftest import DATA, HOST
from tests.tui.driver import WIDE, browsing

MIRROR = str(DATA / "mirror-v2-spack0.23")


@pytest.fixture
def first_pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the main screen shows before anything about this machine is computed, of each start."""
    pictures: list[str] = []
    prepare = BrowseScreen._prepare

    def note(screen: BrowseScreen) -> None:
        pictures.append("\n".join(strip.text for strip in screen._compositor.render_strips()))
        prepare(screen)

    monkeypatch.setattr(BrowseScreen, "_prepare", note)
    return pictures


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[Kept]:
    """What is stored for the next start."""
    written: list[Kept] = []

    def note(catalog: Path, kept: Kept) -> None:
        written.append(kept)
        _store(catalog, kept)

    monkeypatch.setattr("cachetui.tui.judgement._store", note)
    return written


def the_file() -> Path:
    """The only file of what was computed."""
    (file,) = paths.judged_dir().iterdir()
    return file


async def settled(
    size: tuple[int, int] = WIDE,
    config: Config | None = None,
    options: StartOptions = StartOptions(),  # noqa: B008
) -> str:
    """What a start shows in the end."""
    async with browsing(MIRROR, size=size, config=config, options=options, is_typing=True) as browser:
        return browser.text


def without_frames(text: str) -> list[str]:
    """The lines of a screen as both kinds of pictures have them."""
    return [line.rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_first_picture_has_what_the_last_start_computed(
    size: tuple[int, int], first_pictures: list[str], stored: list[Kept]
) -> None:
    await settled(size=size)  # compiles
    whole = await settled(size=size)
    assert "runs here" in whole and ("●" in whole or "○" in whole)
    again = await settled(size=size)
    assert again == whole
    assert without_frames(first_pictures[-1]) == without_frames(whole)
    assert len(stored) == 1, "the same is not written again"
    assert (os.stat(the_file()).st_mode & 0o777, os.stat(the_file().parent).st_mode & 0o777) == (0o600, 0o700)


async def test_the_first_start_lacks_it(first_pictures: list[str]) -> None:
    await settled()
    assert "runs here" not in first_pictures[0]


async def test_another_machine_takes_its_place(
    first_pictures: list[str], stored: list[Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()
    before = await settled()
    other = structs.replace(HOST, target="zen2", os="rhel9", libc_version="2.34")
    monkeypatch.setattr("cachetui.host.detect_host", lambda: other)
    after = await settled()
    assert without_frames(first_pictures[-2]) == without_frames(before), "as the last start had it"
    assert after != before
    assert len(stored) == 2
    again = await settled()
    assert without_frames(first_pictures[-1]) == without_frames(again) == without_frames(after)


async def test_what_was_chosen_by_it_is_answered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    options = StartOptions(where=("runs=yes",))
    running = await settled(options=options)
    assert await settled(options=options) == running
    monkeypatch.setattr("cachetui.host.detect_host", lambda: Host("darwin", "sequoia", "m1", name=HOST.name))
    async with browsing(MIRROR, options=options, is_typing=True) as browser:
        assert browser.result.rows == browser.result.attributes.index("runs").rows("yes")
        assert browser.text != running


async def test_a_host_that_is_not_known_any_more(
    first_pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()

    def unknown() -> Host:
        raise HostError("there is no such host")

    await settled()
    assert "runs here" in first_pictures[-1]
    monkeypatch.setattr("cachetui.host.detect_host", unknown)
    async with browsing(MIRROR, is_typing=True) as browser:
        assert "●" not in "".join(browser.pane("table"))
        assert not browser.result.is_ready("runs")


@pytest.mark.parametrize("changed", ["settings", "catalog", "node", "program"])
async def test_what_is_about_something_else_is_not_shown(
    changed: str, first_pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled()
    config = Config()
    if changed == "settings":
        config = Config(hosts={"gpu": HostSettings("linux-rhel9-zen4", "glibc@2.40")}, host="gpu")
    elif changed == "catalog":
        (catalog,) = (file for file in paths.catalog_dir().glob("*.sqlite") if _is_of_mirror(file))
        os.utime(catalog, (1, 1))
    elif changed == "node":
        machine = os.uname()
        other = os.uname_result((machine.sysname, "another", *machine[2:]))
        monkeypatch.setattr(os, "uname", lambda: other)
    else:
        monkeypatch.setattr("cachetui.tui.judgement.__version__", "another")
    await settled(config=config)
    assert "runs " not in first_pictures[-1]


def _is_of_mirror(catalog: Path) -> bool:
    return read_kept(catalog) is not None


def flip(file: Path, place: int) -> None:
    """Change one byte."""
    content = bytearray(file.read_bytes())
    content[place] ^= 0x40
    file.write_bytes(content)


def link(file: Path) -> None:
    """Put a link in its place."""
    file.rename(file.with_name("aside"))
    file.symlink_to("aside")


def pipe(file: Path) -> None:
    """Put a pipe in its place."""
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    """Put a folder in its place."""
    file.unlink()
    file.mkdir()


HARMS: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: os.truncate(file, file.stat().st_size - 1),
    "other": lambda file: file.write_bytes(b"{}"),
    "format": lambda file: flip(file, 0),
    "checksum": lambda file: flip(file, len(FORMAT)),
    "content": lambda file: flip(file, len(FORMAT) + 5),
    "end": lambda file: flip(file, -1),
    "writable": lambda file: file.chmod(0o666),
    "link": link,
    "pipe": pipe,
    "folder": folder,
}


@pytest.mark.parametrize("harm", HARMS)
async def test_a_file_that_is_wrong_is_not_believed(harm: str, first_pictures: list[str]) -> None:
    whole = await settled()
    HARMS[harm](the_file())
    assert await settled() == whole
    assert "runs here" not in first_pictures[-1]


async def test_rows_that_the_catalog_does_not_have_are_left_out(first_pictures: list[str]) -> None:
    async with browsing(MIRROR, is_typing=True) as browser:
        catalog, whole = browser.catalog.path, browser.text
    kept = read_kept(catalog)
    assert kept is not None
    many = BitMap(range(1_000_000)).serialize()
    sets = {name: {"yes": many, "perhaps": many} for name in kept.sets}
    _store(catalog, structs.replace(kept, sets=sets, builds=(999_999,), said=Said()))
    assert await settled() == whole
    _store(catalog, structs.replace(kept, sets={"runs": {"yes": b"no bitmap"}}))
    assert await settled() == whole
    _store(catalog, structs.replace(kept, sets={}))
    assert await settled() == whole


async def test_a_start_with_a_query_keeps_what_an_ordinary_one_shows(
    first_pictures: list[str], stored: list[Kept]
) -> None:
    await settled()
    ordinary = await settled()
    await settled(options=StartOptions("gdbm"))
    assert len(stored) == 1
    assert await settled() == ordinary
    assert without_frames(first_pictures[-1]) == without_frames(ordinary)


async def test_without_a_cache_folder_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cachetui.tui.judgement.replace_file", full)
    whole = await settled()
    assert "runs here" in whole
    assert await settled() == whole
