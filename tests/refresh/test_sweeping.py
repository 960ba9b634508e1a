"""What is swept, what is not, and that nothing outside our folders is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cachetui import paths
from cachetui.refresh import generations, open_cached, open_catalog, tidy
from cachetui.refresh.policy import Policy
from cachetui.refresh.sweeping import DAY, sweep
from tests.builders.mirrors import mirror

pytestmark = pytest.mark.usefixtures("home")

KEY, OTHER = "0123456789abcdef", "fedcba9876543210"
NOW = time.time()


def put(name: str, days: float) -> Path:
    """A file of the cache folder, or of the state folder, that was written some days ago."""
    base = paths.state_dir() if name.startswith("/") else paths.cache_dir()
    file = base / name.lstrip("/")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(name)
    os.utime(file, (NOW - days * DAY, NOW - days * DAY))
    return file


@pytest.mark.parametrize(
    ("name", "days"),
    [
        (f"catalogs/{KEY}.sqlite", 60),
        (f"catalogs/.{KEY}.sqlite.00112233", 1),
        (f"catalogs/.{KEY}.sqlite.00112233.ancestry", 1),
        (f"catalogs/{KEY}.damaged", 14),
        (f"previous/{KEY}.000000000001.damaged", 14),
        (f"downloads/{KEY}.part", 7),
        (f"downloads/{KEY}.part.json", 7),
        (f"downloads/.{KEY}.part.00112233", 1),
        (f"downloads/{KEY}.state.0a1b", 1),
        (f"downloads/{KEY}.state", 60),
        (f"downloads/{KEY}-{OTHER}.json", 60),
        ("downloads/public-01234567.json", 60),
        (f"binaries/{KEY}.json", 60),
        ("upstreams/spack-01234567.json", 60),
        ("code/.cpython-311-0123456789abcdef.code.00112233", 1),
        ("code/cpython-311-0123456789abcdef.code", 30),
        (".key.00112233", 1),
        ("/.browser.json.00112233", 1),
        ("/crashes/2026-01-01-120000-77.txt", 30),
    ],
)
def test_a_leftover_is_removed_when_it_is_old_enough(name: str, days: int) -> None:
    file = put(name, days - 0.1)
    sweep(NOW)
    assert file.exists()
    put(name, days + 0.1)
    sweep(NOW)
    assert not file.exists()


@pytest.mark.parametrize(
    "name", ["key", "spack.json", "swept", "catalogs/my.sqlite", "catalogs/notes", "other/x", "/browser.json"]
)
def test_what_no_rule_names_stays(name: str) -> None:
    file = put(name, 1000)
    sweep(NOW)
    assert file.exists()


def test_files_that_are_used_together_stay_together() -> None:
    kept = [put(f"catalogs/{KEY}.sqlite", 100), put(f"catalogs/{KEY}.used", 1)]
    kept += [put(f"downloads/{KEY}-{OTHER}.json", 100), put(f"downloads/{KEY}.state", 1)]
    gone = [put(f"catalogs/{OTHER}.sqlite", 100), put(f"catalogs/{OTHER}.used", 61)]
    sweep(NOW)
    assert all(file.exists() for file in kept) and not any(file.exists() for file in gone)


def test_an_index_that_was_replaced_is_removed() -> None:
    old, new = put(f"downloads/{KEY}-{OTHER}.json", 3), put(f"downloads/{KEY}-{KEY}.json", 2)
    state = put(f"downloads/{KEY}.state", 2)
    state.write_text(f'{{"file":"{old}"}}')
    sweep(NOW)
    assert old.exists(), "the state names it"
    state.write_text(f'{{"file":"{new}"}}')
    sweep(NOW)
    assert new.exists() and not old.exists()


def test_links_are_neither_followed_nor_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    victim = outside / f"{KEY}.sqlite"
    victim.touch()
    os.utime(victim, (0, 0))
    put("catalogs/x", 0)
    link = paths.catalog_dir() / f"{KEY}.sqlite"
    link.symlink_to(victim)
    os.utime(link, (0, 0), follow_symlinks=False)
    (paths.cache_dir() / "binaries").symlink_to(outside)
    (outside / f"{KEY}.json").touch()
    os.utime(outside / f"{KEY}.json", (0, 0))
    sweep(NOW)
    assert link.is_symlink() and sorted(os.listdir(outside)) == [f"{KEY}.json", f"{KEY}.sqlite"]


def test_a_folder_that_others_may_write_is_not_swept() -> None:
    file = put(f"catalogs/{KEY}.sqlite", 100)
    file.parent.chmod(0o777)
    sweep(NOW)
    assert file.exists()


def test_previous_catalogs_go_with_theirs_and_the_oldest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(f"catalogs/{KEY}.sqlite", 0)
    kept = [put(f"previous/{KEY}.00000000000{day}.sqlite", day) for day in (1, 2, 3)]
    forgotten = put(f"previous/{OTHER}.000000000001.sqlite", 1)
    sweep(NOW)
    assert not forgotten.exists() and all(file.exists() for file in kept)
    monkeypatch.setattr(generations, "MOST_BYTES_IN_ALL", 2 * kept[0].stat().st_size)
    sweep(NOW)
    assert [file.exists() for file in kept] == [True, True, False]


def test_a_catalog_in_use_is_marked_once_a_day(tmp_path: Path) -> None:
    location = mirror(tmp_path / "m", 1)
    open_catalog([location]).catalog.close()
    opened = open_cached([location], Policy())
    assert opened is not None
    opened.catalog.close()
    (catalog,) = opened.used
    mark = catalog.with_suffix(".used")
    tidy(opened.used)
    assert mark.stat().st_mtime > NOW - DAY
    for hours in (1, 30):
        written = NOW - hours * 3600
        os.utime(mark, (written, written))
        tidy(opened.used)
        assert (mark.stat().st_mtime == written) is (hours == 1)
    os.utime(catalog, (0, 0))
    sweep(NOW)
    assert catalog.exists()


def test_folders_are_swept_once_a_day() -> None:
    file = put(f"binaries/{KEY}.json", 100)
    tidy([])
    assert not file.exists()
    put(f"binaries/{KEY}.json", 100)
    tidy([])
    assert file.exists()
    put("swept", 1.1)
    tidy([])
    assert not file.exists()


def test_nothing_is_made_where_there_is_nothing(tmp_path: Path) -> None:
    tidy([paths.catalog_dir() / "missing.sqlite", tmp_path / "site.sqlite"])
    assert not paths.cache_dir().exists()


def test_sweeps_at_once_lose_nothing(tmp_path: Path) -> None:
    """Processes that write, and others that sweep: each that wrote finds its file."""
    put(f"catalogs/{KEY}.sqlite", 100)
    code = (
        "import sys, time; from cachetui import paths; from cachetui.files import replace_file\n"
        "from cachetui.refresh.sweeping import sweep\n"
        "file = paths.catalog_dir() / f'{int(sys.argv[1]):016x}.sqlite'\n"
        "for _ in range(30):\n"
        "    replace_file(file, b'x'); sweep(time.time()); assert file.read_bytes() == b'x'\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert len(os.listdir(paths.catalog_dir())) == 4


def test_why_there_is_no_previous_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = put(f"catalogs/{KEY}.sqlite", 0)
    assert "is kept yet" in generations.why_none_is_kept(catalog)
    monkeypatch.setattr(generations, "MOST_BYTES", 3)
    assert "it takes 0 MB, more than" in generations.why_none_is_kept(catalog)
    assert "named by its file" in generations.why_none_is_kept(tmp_path / "site.sqlite")
