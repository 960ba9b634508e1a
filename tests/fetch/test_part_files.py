"""Partial downloads that another user changes between two looks: none is believed or written to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cachetui.errors import SourceError
from cachetui.files import is_own
from tests.builders.mirrors import INDEX
from tests.fetch.reader import Reader, text
from tests.fetch.test_http_broken import BLOB, HALF, broken_off, ranges
from tests.servers.faults import Exchange, Server

VICTIM = b"nothing of a download belongs here"
ANOTHER = 12345

Swap = Callable[[Path, Path], None]


def linked(file: Path, victim: Path) -> None:
    file.unlink()
    file.symlink_to(victim)


def piped(file: Path, victim: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def writable(file: Path, victim: Path) -> None:
    file.write_bytes(b"x" * HALF)
    file.chmod(0o666)


def given_away(file: Path, victim: Path) -> None:
    file.write_bytes(b"x" * HALF)
    os.chown(file, ANOTHER, ANOTHER)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
SWAPS = [linked, piped, writable, pytest.param(given_away, marks=needs_root)]


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of this user that a download must not change."""
    file = tmp_path / "victim"
    file.write_bytes(VICTIM)
    return file


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("suffix", [".part", ".part.json"])
def test_what_another_user_has_put_there_is_not_resumed(
    reader: Reader, server: Server, victim: Path, swap: Swap, suffix: str
) -> None:
    broken_off(reader, server, BLOB, INDEX)
    (file,) = reader.store.folder.glob(f"*{suffix}")
    swap(file, victim)
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert ranges(server) == [""]
    assert victim.read_bytes() == VICTIM


@pytest.mark.parametrize("swap", SWAPS)
def test_a_change_behind_the_look_at_it_is_found(
    reader: Reader, server: Server, victim: Path, swap: Swap, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(reader, server, BLOB, INDEX)
    (file,) = reader.store.folder.glob("*.part")
    swapped: list[Path] = []

    def swapped_then(looked_at: Path) -> bool:
        found = is_own(looked_at)
        if looked_at == file and not swapped:
            swapped.append(file)
            swap(file, victim)
        return found

    monkeypatch.setattr("cachetui.fetch.downloads.is_own", swapped_then)
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert swapped and ranges(server) == [""]
    assert victim.read_bytes() == VICTIM


@pytest.mark.parametrize("swap", SWAPS)
def test_a_change_during_the_transfer_is_found(
    reader: Reader, server: Server, victim: Path, swap: Swap
) -> None:
    """The file is neither hashed nor moved into its place; the next run begins anew."""
    behaviour, swapped = server.table[BLOB], list[Path]()

    def answer(exchange: Exchange) -> None:
        swapped.extend(reader.store.folder.glob(".*.part.*"))
        for file in swapped:
            swap(file, victim)
        behaviour(exchange)

    server.table[BLOB] = answer
    with pytest.raises(SourceError):
        reader.update(f"{server.url}/m")
    assert swapped and victim.read_bytes() == VICTIM
    server.table[BLOB] = behaviour
    assert text(reader.update(f"{server.url}/m")) == INDEX
    assert victim.read_bytes() == VICTIM
