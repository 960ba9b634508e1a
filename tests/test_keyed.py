"""Checksums: stable, different for different texts, and secret where the text may be."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zlib import crc32

import pytest

from cachetui import keyed as keyed_module
from cachetui import paths
from cachetui.keyed import checksum, keyed

pytestmark = pytest.mark.usefixtures("home")

SECRET = "https://host/mirror?signature=7"


def test_a_plain_text_needs_no_key() -> None:
    assert checksum("https://host/mirror")[:8] == f"{crc32(b'https://host/mirror'):08x}"
    assert not paths.cache_dir().exists()


@pytest.mark.parametrize("text", [SECRET, "https://host/m#7", "a:7@host", "https://host/a%407"])
def test_what_may_be_secret_is_keyed(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = checksum(text)
    assert (len(found), found) == (16, checksum(text))
    assert (paths.cache_dir() / "key").stat().st_mode & 0o777 == 0o600
    keyed_module._key.cache_clear()
    assert checksum(text) == found, "as in the next process"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "of another user"))
    assert checksum(text) != found


def test_a_damaged_key_is_made_anew() -> None:
    keyed(SECRET)
    file = paths.cache_dir() / "key"
    file.write_bytes(b"short")
    keyed_module._key.cache_clear()
    found = keyed(SECRET)
    assert len(file.read_bytes()) == 32
    keyed_module._key.cache_clear()
    assert keyed(SECRET) == found


def test_without_a_place_for_it_a_process_has_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert keyed(SECRET) == keyed(SECRET)


def test_processes_that_start_at_once_have_one_key() -> None:
    command = [sys.executable, "-c", f"from cachetui.keyed import keyed; print(keyed({SECRET!r}))"]

    def run(_: int) -> bytes:
        return subprocess.run(command, check=True, capture_output=True).stdout

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(run, range(6)))) == 1
    assert [file.name for file in paths.cache_dir().iterdir()] == ["key"]
