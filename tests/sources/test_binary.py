"""The size, date and signature of a binary, as files here and mirrors behind a network have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.errors import MissingError, SourceError
from cachetui.fetch import Network, Session, address_of
from cachetui.sources import (
    NO_SIZE,
    SIGNED,
    UNKNOWN,
    UNSIGNED,
    Binary,
    binary,
    local_binary,
    remote_binary,
)
from tests.builders.binaries import (
    KEY,
    SIGNED_MANIFEST,
    binary_v2,
    binary_v3,
    image_manifest,
    spec_manifest,
)
from tests.builders.mirrors import served, write_files
from tests.conftest import build, dag_hash
from tests.servers.faults import Content, Server, Status, faulty

NETWORK = Network(tries=1)
DATE = {"Last-Modified": "Mon, 12 Jan 2026 09:10:11 GMT"}
MOMENT = 1768209011.0


def here(root: Path, layout: str, number: int = 1, **fields: Any) -> Binary:
    """What a mirror on this machine says, without its date."""
    found = local_binary(str(root), layout, build(number, **fields))
    assert (found.modified > 0) == (found.size != NO_SIZE)
    return Binary(found.size, 0.0, found.signature, found.key, found.note)


def test_v3(tmp_path: Path) -> None:
    write_files(tmp_path, {**binary_v3(1, spec_manifest(123_456)), **binary_v3(2, SIGNED_MANIFEST)})
    assert here(tmp_path, "v3") == Binary(123_456, 0.0, UNSIGNED)
    signed = here(tmp_path, "v3", 2)
    assert (signed.signature, signed.key) == (SIGNED, KEY)
    assert signed.size > 0
    assert here(tmp_path, "v3", 3) == Binary(note="not in the mirror (no such file)")


@pytest.mark.parametrize(
    ("compilers", "folder"),
    [
        (("gcc@13.2.0",), "gcc-13.2.0"),
        (("gcc@12.1.0", "gcc@13.2.0"), "gcc-13.2.0"),
        ((), "none-none"),
        (None, "none-none"),
        (("gcc@13.2.0",), "none-none"),
    ],
)
def test_v2(tmp_path: Path, compilers: tuple[str, ...] | None, folder: str) -> None:
    files = {**binary_v2(1, 77, compiler=folder), **binary_v2(2, 88, SIGNED_MANIFEST, compiler=folder)}
    write_files(tmp_path, files)
    assert here(tmp_path, "v2", compilers=compilers) == Binary(77, 0.0, UNSIGNED)
    assert here(tmp_path, "v2", 2, compilers=compilers) == Binary(88, 0.0, SIGNED, KEY)
    assert here(tmp_path, "v2", 3, compilers=compilers).note == "not in the mirror (no such file)"


def test_v2_without_its_binary(tmp_path: Path) -> None:
    files = binary_v2(1, 77, SIGNED_MANIFEST)
    write_files(tmp_path, {name: data for name, data in files.items() if not name.endswith(".spack")})
    note = "its .spack file is not in the mirror"
    assert here(tmp_path, "v2") == Binary(NO_SIZE, 0.0, SIGNED, KEY, note)


def test_v2_without_its_spec_file(tmp_path: Path) -> None:
    files = binary_v2(1, 77)
    write_files(tmp_path, {name: data for name, data in files.items() if name.endswith(".spack")})
    assert here(tmp_path, "v2") == Binary(77, 0.0, UNKNOWN)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"version":3,"data":[]}', b"<html>"])
def test_a_manifest_that_says_nothing(tmp_path: Path, content: bytes) -> None:
    write_files(tmp_path, binary_v3(1, content))
    try:
        found = local_binary(str(tmp_path), "v3", build(1))
    except SourceError as error:
        assert content in (b"", b"[]", b"<html>"), error
    else:
        assert (found.size, found.note) == (NO_SIZE, "its manifest names no binary")


def test_a_manifest_is_not_read_to_its_end(tmp_path: Path) -> None:
    write_files(tmp_path, binary_v3(1, b"{" + b" " * (1 << 20)))
    with pytest.raises(SourceError, match="longer than 1,048,576 bytes"):
        local_binary(str(tmp_path), "v3", build(1))


class Recording:
    """A mirror without files that notes what it is asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def read(self, path: str, limit: int) -> tuple[bytes, float]:
        """Nothing is there."""
        self.stat(path)
        raise AssertionError

    def stat(self, path: str) -> tuple[int, float]:
        """Nothing is there."""
        self.paths.append(path)
        raise MissingError(path, "no such file")


PARTS = st.one_of(st.text(max_size=6), st.sampled_from(["..", "../x", "x/..", "/x", ".", "a\0b", ""]))


@given(PARTS, PARTS, PARTS, st.sampled_from(["v2", "v3"]))
def test_no_file_outside_the_mirror_is_looked_at(name: str, version: str, system: str, layout: str) -> None:
    files = Recording()
    spec = build(1, name, version=version, os=system, compilers=(f"{name}@{version}",))
    with pytest.raises(MissingError):
        binary._LAYOUTS[layout](files, spec)
    for path in files.paths:
        assert path.startswith(("build_cache/linux-", "v3/manifests/spec/"))
        assert not {"", ".", ".."} & set(path.split("/"))
        assert len(path.split("/")) in ((2, 5) if layout == "v2" else (5,))


# behind a network


@contextmanager
def asked(server: Server, layout: str, path: str = "/m") -> Iterator[Binary]:
    """What a server says of build 1."""
    scheme = "oci+http" if layout == "oci" else "http"
    url = f"{server.url.replace('http', scheme)}{path}"
    with Session(NETWORK, lambda: None) as session, session.connect(address_of(url)) as transport:
        yield remote_binary(transport, url, layout, build(1))


def dated(files: dict[str, bytes]) -> dict[str, Content]:
    return {f"/m/{name}": Content(data, headers=DATE) for name, data in files.items()}


def test_v3_of_a_server() -> None:
    with faulty(dated(binary_v3(1, spec_manifest(123)))) as server, asked(server, "v3") as found:
        assert found == Binary(123, MOMENT, UNSIGNED)
        assert len(server.requests) == 1


def test_v2_of_a_server_is_not_downloaded() -> None:
    with faulty(dated(binary_v2(1, 5_000_000, SIGNED_MANIFEST))) as server, asked(server, "v2") as found:
        assert found == Binary(5_000_000, MOMENT, SIGNED, KEY)
        (request,) = (each for each in server.requests if each.path.endswith(".spack"))
        assert request.method == "HEAD"


def test_unsigned_v2_of_a_server() -> None:
    with faulty(served(binary_v2(1, 50))) as server, asked(server, "v2") as found:
        assert found == Binary(50, 0.0, UNSIGNED)


@pytest.mark.parametrize("sizes", [(7,), (1, 2, 7)])
def test_the_last_layer_of_an_image(sizes: tuple[int, ...]) -> None:
    path = f"/v2/cache/manifests/zlib-1.3-{dag_hash(1)}.spack"
    table = {path: Content(image_manifest(*sizes))}
    with faulty(table) as server, asked(server, "oci", "/cache") as found:
        assert found == Binary(7, 0.0, UNSIGNED)


def test_long_and_odd_tags() -> None:
    from cachetui.fetch import image_url

    tag = image_url("oci://ghcr.io/org/cache", f"{'n' * 120}-git.main=1.2+x-{dag_hash(1)}").rpartition("/")[2]
    assert len(tag) == 128
    assert tag == "n" * 64 + f"{'n' * 64}-git.main_1.2_x-{dag_hash(1)}.spack"[-64:]


@pytest.mark.parametrize("layout", ["v2", "v3", "oci"])
def test_a_server_that_has_nothing(layout: str) -> None:
    with faulty({}) as server, asked(server, layout) as found:
        assert found.note == "not in the mirror (404 Not Found)" or layout == "v2"
        assert (found.size, found.signature) == (NO_SIZE, UNKNOWN)


def test_a_server_that_fails() -> None:
    with faulty({}, Status(500)) as server, pytest.raises(SourceError, match="500"), asked(server, "v3"):
        pass


def test_an_index_file_has_no_binaries() -> None:
    with faulty({}) as server, asked(server, "file") as found:
        assert found == Binary(note="its mirror is known by an index alone")
