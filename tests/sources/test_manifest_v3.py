"""Layout v3: the index of a manifest, malformed manifests, and mirrors on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cachetui.errors import LocationError, SourceError
from cachetui.sources import IndexFile, layout_of, open_path
from cachetui.sources.manifest_v3 import index_blob
from cachetui.spec import Place
from tests.builders.mirrors import (
    INDEX,
    OTHER,
    V3,
    VIEW,
    blob_path,
    digest,
    entry,
    manifest,
    no_problem,
    packed,
    specs_of,
    v2_files,
    v3_files,
    write_files,
)
from tests.conftest import MIRROR_12, read, shared_data

DIGEST = digest(OTHER)


def database(version: int) -> str:
    return f"application/vnd.spack.db.v{version}+json"


def refusal(text: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        index_blob(text, "here")
    assert caught.value.place == "here"
    assert str(caught.value).isprintable() and len(str(caught.value)) < 200
    return caught.value.reason


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([8], 8),
        ([8, 9], 9),
        ([9, 8], 9),
        ([7, 10, 8], 8),
        ([12, 10, 11], 10),
        ([9, 100], 9),
    ],
)
def test_newest_known_index_version(versions: list[int], chosen: int) -> None:
    others = [entry(OTHER, mediaType=kind) for kind in ("application/pgp-keys", "x", database(8)[:-5])]
    listed = [entry(bytes([n]), mediaType=database(n)) for n in versions]
    blob = index_blob(manifest(others[0], *listed, *others[1:]), "here")
    assert (blob.media_type, blob.checksum) == (database(chosen), digest(bytes([chosen])))


def test_media_types_with_parameters() -> None:
    assert index_blob(manifest(entry(OTHER, mediaType=f"{database(8)}; charset=utf-8")), "here")


def test_the_path_of_a_blob() -> None:
    assert index_blob(manifest(entry(OTHER)), "here").path == blob_path(OTHER)
    given = entry(OTHER, checksum=DIGEST.upper())
    assert index_blob(manifest(given), "here").path == blob_path(OTHER)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"checksum": "../" + DIGEST[3:]}, "64 hexadecimal digits"),
        ({"checksum": DIGEST[:30] + "/" + DIGEST[31:]}, "64 hexadecimal digits"),
        ({"checksum": DIGEST + "\n"}, "64 hexadecimal digits"),
        ({"checksum": DIGEST[:-1] + "\u0664"}, "64 hexadecimal digits"),
        ({"checksum": ""}, "64 hexadecimal digits"),
        ({"checksum": None}, "64 hexadecimal digits"),
        ({"checksumAlgorithm": "md5"}, "only sha256"),
        ({"checksumAlgorithm": "../.."}, "only sha256"),
        ({"checksumAlgorithm": "\x1b[31m" * 99}, "only sha256"),
        ({"contentLength": None}, "does not state the length"),
        ({"contentLength": -5}, "does not state the length"),
        ({"contentLength": "many"}, "not a manifest"),
        ({"compression": "zstd"}, "only gzip"),
        ({"mediaType": "application/pgp-keys"}, "lists no index"),
        ({"mediaType": 7}, "not a manifest"),
    ],
)
def test_unusable_entry(changes: dict[str, object], reason: str) -> None:
    assert reason in refusal(manifest(entry(OTHER, **changes)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (manifest(entry(OTHER), version=4), "version 4, expected 3"),
        (manifest(entry(OTHER), version=None), "not a manifest"),
        (b"{}", "version 0"),
        (manifest(), "lists no index"),
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"<!DOCTYPE html>\n<html>", "a web page"),
        (b"\x1b[31mred", "not a manifest"),
        (b"[]", "not a manifest"),
        (manifest(entry(OTHER))[:-9], "not a manifest"),
        (b'{"version":3,"data":' + b"[" * 100_000, "not a manifest"),
        (b'{"more":' + b"[" * 100_000, "not a manifest"),
        (b'{"version":3,"data":["\xff"]}', "not a manifest"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----", "the file is empty"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----", "the file is empty"),
    ],
)
def test_malformed_manifest_text(text: bytes, reason: str) -> None:
    assert reason in refusal(text)


def signed(text: str, end: str, header: str = "Hash: SHA512") -> bytes:
    """Format a text as gpg --clearsign does: lines that begin with a dash get another one."""
    escaped = [f"- {line}" if line.startswith("-") else line for line in text.split("\n")]
    lines = ["-----BEGIN PGP SIGNED MESSAGE-----", header, "", *escaped]
    lines += ["-----BEGIN PGP SIGNATURE-----", "", "iQEz", "=abcd", "-----END PGP SIGNATURE-----", ""]
    return end.join(lines).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_clearsigned_manifest(end: str) -> None:
    given = json.dumps(entry(OTHER, note=None))
    text = f'{{"version":\n3,\n"less":\n-5,\n"data":[{given}]}}'
    assert "\n- -5" in signed(text, "\n").decode()
    assert index_blob(signed(text, end), "here").checksum == DIGEST
    assert index_blob(b"\n" + signed(text, end, "Hash: SHA256"), "here").checksum == DIGEST


# Mirrors on this machine


def opened(location: Path | str, place: Place | None = None) -> IndexFile:
    (source,) = open_path(str(location), place or Place())
    assert isinstance(source, IndexFile)
    source.parts(no_problem)
    return source


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_mirror_of_layout_v3(tmp_path: Path, compression: str) -> None:
    stored = packed(INDEX) if compression == "gzip" else INDEX
    root = write_files(tmp_path / "site", v3_files(stored, compression=compression))
    source = opened(root)
    assert (source.name, layout_of(source), source.file) == ("site", "v3", root / blob_path(stored))
    assert [s.dag_hash for s in specs_of(source)] == [s.dag_hash for s in read(MIRROR_12)[0]]
    for location in (root / V3, (root / V3).parent, f"file://{root}/", f"{root}/"):
        assert opened(location).file == source.file


def test_layout_v3_has_precedence(tmp_path: Path) -> None:
    root = write_files(tmp_path, {**v2_files(OTHER), **v3_files(INDEX)})
    assert layout_of(opened(root)) == "v3"
    assert layout_of(opened(root / "build_cache")) == "v2"
    (root / V3).unlink()
    assert layout_of(opened(root)) == "v2"


def test_views(tmp_path: Path) -> None:
    root = write_files(tmp_path, {**v3_files(OTHER), **v3_files(INDEX, VIEW)})
    assert opened(root).file == root / blob_path(OTHER)
    for source in (opened(root, Place(view="mine")), opened(root / VIEW), opened((root / VIEW).parent)):
        assert (source.file, source.place.view) == (root / blob_path(INDEX), "mine")
    assert {spec.places[0].view for spec in specs_of(opened(root / VIEW))} == {"mine"}


def test_error_lists_the_views(tmp_path: Path) -> None:
    root = write_files(tmp_path, {**v3_files(INDEX, VIEW), **v2_files(OTHER)})
    with pytest.raises(LocationError, match=r"without the view 'yours'; it has views: mine"):
        open_path(str(root), Place(view="yours"))
    (root / "build_cache/index.json").unlink()
    with pytest.raises(LocationError, match=r"without a default index; it has views: mine"):
        open_path(str(root))


@pytest.mark.parametrize("view", ["..", ".", "../../..", "a/b", "a\\b", "x\0y", "/etc"])
def test_view_name_cannot_leave_the_mirror(tmp_path: Path, view: str) -> None:
    root = write_files(tmp_path, v3_files(INDEX))
    with pytest.raises(LocationError, match="is not a valid view name") as caught:
        open_path(str(root), Place(view=view))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"contentLength": len(INDEX) + 1}, "bytes; try again"),
        ({"contentLength": len(INDEX) - 1}, "bytes; try again"),
    ],
)
def test_wrong_length(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    (source,) = open_path(str(write_files(tmp_path, v3_files(INDEX, **changes))))
    with pytest.raises(SourceError, match=reason):
        opened_parts(source)


@pytest.mark.parametrize("damage", [INDEX[:-3] + b"  }", INDEX[:-5], b""])
def test_damaged_blob(tmp_path: Path, damage: bytes) -> None:
    root = write_files(tmp_path, v3_files(INDEX))
    (root / blob_path(INDEX)).write_bytes(damage)
    (source,) = open_path(str(root))
    with pytest.raises(SourceError, match=r"wrong checksum|received .* bytes|is empty") as caught:
        opened_parts(source)
    assert str(root / blob_path(INDEX)) in str(caught.value)


def opened_parts(source: object) -> None:
    assert isinstance(source, IndexFile)
    source.parts(no_problem)


def test_manifest_of_a_missing_blob(tmp_path: Path) -> None:
    root = write_files(tmp_path, {**v3_files(INDEX), **v2_files(OTHER)})
    (root / blob_path(INDEX)).unlink()
    (source,) = open_path(str(root))
    with pytest.raises(SourceError, match="No such file"):
        opened_parts(source)
    with pytest.raises(SourceError, match="No such file"):
        source.fingerprint()


def test_malformed_manifest_is_an_error(tmp_path: Path) -> None:
    root = write_files(tmp_path, {V3: b"<html>", **v2_files(OTHER)})
    with pytest.raises(SourceError, match="a web page"):
        open_path(str(root))


def test_the_real_mirror() -> None:
    root = shared_data("mirror-v3-spack1.2")
    specs = specs_of(opened(root))
    assert len(specs) == 1777
    assert {spec.places for spec in specs} == {(Place(mirror=root.name),)}


def test_the_real_view() -> None:
    root = shared_data("mirror-v3-view-spack1.2")
    every, viewed = specs_of(opened(root)), specs_of(opened(root, Place(view="my-view")))
    assert len(every) == 22
    assert {s.dag_hash for s in viewed} < {s.dag_hash for s in every}
    assert {s.places for s in viewed} == {(Place(mirror=root.name, view="my-view"),)}
    assert opened(root / "v3/manifests/index/my-view").file == opened(root, Place(view="my-view")).file
