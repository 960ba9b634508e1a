"""Files that are none, or too long: refused at once, never waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from cachetui import bounded
from cachetui.errors import SourceError
from cachetui.sources import open_path
from tests.builders.mirrors import INDEX, blob_path, v3_files, write_files


@pytest.mark.parametrize("size", [0, 1, 10])
def test_file_within_its_limit(tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    assert bounded.read_bytes(file, size) == b"x" * size
    if size:
        with pytest.raises(SourceError, match=f"longer than {size - 1} bytes"):
            bounded.read_bytes(file, size - 1)


def test_sparse_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    os.truncate(file, 1 << 40)
    with pytest.raises(SourceError, match="longer than"):
        bounded.read_bytes(file)


def test_file_that_does_not_tell_its_size() -> None:
    assert bounded.read_bytes(Path("/proc/self/status"), 1 << 20)
    with pytest.raises(SourceError, match="longer than 9 bytes"):
        bounded.read_bytes(Path("/proc/self/status"), 9)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path, reason in (
        (tmp_path / "pipe", "a named pipe"),
        (tmp_path / "link", "a named pipe"),
        (Path("/dev/zero"), "a device"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(SourceError, match=reason):
            bounded.read_bytes(path)


def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(SourceError):
            bounded.read_bytes(Path("socket"))


@pytest.mark.parametrize("stored", [INDEX, INDEX * 20])
def test_pipe_in_place_of_a_blob(tmp_path: Path, stored: bytes) -> None:
    write_files(tmp_path, v3_files(stored))
    blob = tmp_path / blob_path(stored)
    blob.unlink()
    os.mkfifo(blob)
    (source,) = open_path(str(tmp_path))
    with pytest.raises(SourceError, match="a named pipe, not a regular file"):
        source.parts(print)  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match="a named pipe, not a regular file"):
        list(source.batches(print))
