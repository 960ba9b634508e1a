"""The names and URLs of public build caches, without a network."""

from __future__ import annotations

import json

import pytest

from cachetui.config import PublicPlaces
from cachetui.errors import SourceError
from cachetui.locate import read_directory

BLOB = "blobs/sha256/ab/" + "ab" * 32


@pytest.mark.parametrize(
    ("url", "mirror"),
    [
        (f"s3://b/develop/{BLOB}", "https://h/develop"),
        ("s3://b/develop/e4s/build_cache/index.json", "https://h/develop/e4s"),
        ("s3://b/develop/v3/manifests/index/index.manifest.json", "https://h/develop"),
        (f"s3://b/v1/blobs/{BLOB}", "https://h/v1"),
        ("s3://c/develop/build_cache/index.json", None),
        ("https://h/develop/build_cache/index.json", None),
        ("", None),
    ],
)
def test_mirror_of_an_index(url: str, mirror: str | None) -> None:
    public = PublicPlaces(prefixes={"s3://b/": "https://h/"})
    found = read_directory(json.dumps({"r": [{"label": "s", "url": url}]}).encode(), public)
    assert [each.url for each in found] == ([mirror] if mirror else [])


@pytest.mark.parametrize("bad", [1, [7], [{"label": 1}], {"label": 1}, [{"url": None}], None, "x"])
def test_bad_entries_do_not_hide_others(bad: object) -> None:
    public = PublicPlaces(prefixes={"s3://b/": "https://h/"})
    good = {"label": "s", "url": f"s3://b/develop/{BLOB}"}
    beside = [bad, good] if not isinstance(bad, list) else [*bad, good]
    for listed in ({"label": bad, "r": [good]}, {"r": beside}):
        reasons: list[str] = []
        found = read_directory(json.dumps(listed).encode(), public, reasons.append)
        assert [each.url for each in found] == ["https://h/develop"]
        assert len(reasons) == 1
        assert reasons[0].startswith(("label: ", "label, entry 1: ", "r, entry 1: "))
    with pytest.raises(SourceError, match="not a directory of mirrors"):
        read_directory(json.dumps({"r": bad}).encode(), public)
