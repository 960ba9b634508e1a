"""The list of downloaded indexes, in all forms of its keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cachetui.spack import CachedIndex, cached_indexes

SHA256 = "0123456789abcdef" * 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the indexes, which holds one."""
    folder = tmp_path / "indices"
    folder.mkdir()
    (folder / "one_two.json").write_text("{}")
    os.utime(folder / "one_two.json", (1000, 1000.5))
    return folder


def listing(folder: Path, contents: object) -> tuple[list[CachedIndex], list[str]]:
    (folder / "contents.json").write_text(json.dumps(contents))
    return cached_indexes(str(folder.parent))


def entry(**fields: object) -> dict[str, object]:
    return {"index_hash": SHA256, "index_path": "one_two.json", "etag": None, **fields}


@pytest.mark.parametrize(
    ("key", "url", "layout", "view"),
    [
        ("https://h/p", "https://h/p", 2, ""),
        ("https://h/p__v2", "https://h/p", 2, ""),
        ("https://h/p__v3", "https://h/p", 3, ""),
        ("https://h/p__v3__view", "https://h/p", 3, "view"),
        ("https://h/p__v3__my__view", "https://h/p", 3, "my__view"),
        ("https://h/p__very__", "https://h/p__very__", 2, ""),
        ("https://h/p__v123456789", "https://h/p__v123456789", 2, ""),
        ("file:///a/b/__v3", "file:///a/b", 3, ""),
        ("oci://ghcr.io/o/r__v3", "oci://ghcr.io/o/r", 3, ""),
        ("s3://bucket/", "s3://bucket", 2, ""),
        ("file:///", "file:///", 2, ""),
        ("https://me:hunter2@h/p__v3", "https://h/p", 3, ""),
        ("https://h/\x1b__v3__v\x1b", "https://h/\ufffd", 3, "v\ufffd"),
    ],
)
def test_keys(folder: Path, key: str, url: str, layout: int, view: str) -> None:
    assert listing(folder, {key: entry()}) == (
        [
            CachedIndex(
                url=url,
                layout=layout,
                view=view,
                file=str(folder / "one_two.json"),
                sha256=SHA256,
                modified=1000.5,
            )
        ],
        [],
    )


@pytest.mark.parametrize(("etag", "expected"), [(None, ""), ("abc", "abc"), ('W/"x"', 'W/"x"'), (3, "")])
def test_etag(folder: Path, etag: object, expected: str) -> None:
    (index,), _ = listing(folder, {"https://h": entry(etag=etag)})
    assert index.etag == expected


def test_hash_is_lower_case(folder: Path) -> None:
    (index,), _ = listing(folder, {"https://h": entry(index_hash=SHA256.upper())})
    assert index.sha256 == SHA256


def test_indexes_are_in_order_without_missing_files(folder: Path) -> None:
    (folder / "empty.json").touch()
    (folder / "folder.json").mkdir()
    found, notes = listing(
        folder,
        {
            "https://b__v3": entry(),
            "https://gone__v3": entry(index_path="gone.json"),
            "https://empty__v3": entry(index_path="empty.json"),
            "https://folder__v3": entry(index_path="folder.json"),
            "https://a__v2": entry(etag="e"),
        },
    )
    assert [(index.url, index.layout, index.etag) for index in found] == [
        ("https://b", 3, ""),
        ("https://a", 2, "e"),
    ]
    assert notes == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "not an entry for an index"),
        ([], "not an entry for an index"),
        ({}, "'index_hash' is not a SHA-256"),
        (entry(index_hash=None), "'index_hash' is not a SHA-256"),
        (entry(index_hash=SHA256[1:]), "'index_hash' is not a SHA-256"),
        (entry(index_hash=SHA256 + "\n"), "'index_hash' is not a SHA-256"),
        (entry(index_hash="../" + SHA256[3:]), "'index_hash' is not a SHA-256"),
        (entry(index_path=None), "'index_path' is not the name of a file"),
        (entry(index_path=""), "'index_path' is not the name of a file"),
        (entry(index_path="."), "'index_path' is not the name of a file"),
        (entry(index_path=".."), "'index_path' is not the name of a file"),
        (entry(index_path="../indices/one_two.json"), "'index_path' is not the name of a file"),
        (entry(index_path="/etc/passwd"), "'index_path' is not the name of a file"),
        (entry(index_path="one_two.json\0"), "'index_path' is not the name of a file"),
    ],
)
def test_invalid_entry_is_noted(folder: Path, content: object, reason: str) -> None:
    found, notes = listing(folder, {"https://me:hunter2@bad\x1b": content, "https://good": entry()})
    assert [index.url for index in found] == ["https://good"]
    assert notes == [f"{folder}/contents.json: https://bad\ufffd: {reason}"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a list of indexes"),
        (b"null", "not a list of indexes"),
    ],
)
def test_broken_list_is_noted(folder: Path, content: bytes, reason: str) -> None:
    (folder / "contents.json").write_bytes(content)
    assert cached_indexes(str(folder.parent)) == ([], [f"{folder}/contents.json: {reason}"])


def test_unreadable_list_is_noted(folder: Path) -> None:
    (folder / "contents.json").mkdir()
    assert cached_indexes(str(folder.parent)) == ([], [f"{folder}/contents.json: Is a directory"])


@pytest.mark.parametrize("misc_cache", ["", "{}", "{}/gone", "{}/a\0b"])
def test_no_indexes(tmp_path: Path, misc_cache: str) -> None:
    assert cached_indexes(misc_cache.format(tmp_path)) == ([], [])


def test_paths_are_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing(folder, {"https://h": entry()})
    monkeypatch.chdir(folder.parent)
    (index,), _ = cached_indexes(".")
    assert index.file == str(folder / "one_two.json")
