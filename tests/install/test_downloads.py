"""What an install of a build downloads."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cachetui.install import Download, cached_builds, find_download, install_line, wanted_builds
from cachetui.refresh import BinaryFinder, Policy, open_catalog
from cachetui.sources import NO_SIZE
from tests.builders.binaries import SIGNED_MANIFEST, binary_v3, spec_manifest
from tests.builders.homes import World
from tests.builders.mirrors import index, record, v3_files, write_files
from tests.conftest import dag_hash


def linked(number: int, name: str, *needs: tuple[str, int]) -> tuple[str, dict[str, object]]:
    """A build that links to others."""
    edges = [
        {"name": to, "hash": dag_hash(n), "parameters": {"deptypes": ["link"], "virtuals": []}}
        for to, n in needs
    ]
    dag, fields = record(number, name, dependencies=edges)
    return dag, dict(fields)


def site(folder: Path, sizes: dict[str, int]) -> str:
    """A mirror in which `a` links to `b` and to the external `c`; the sizes are those of its binaries."""
    outside, listed = linked(3, "c")
    listed["in_buildcache"] = False
    listed["spec"] = {**listed["spec"], "external": {"path": "/usr", "module": None}}  # type: ignore[dict-item]
    records = [linked(1, "a", ("b", 2), ("c", 3)), linked(2, "b"), (outside, listed)]
    files = v3_files(index(*records, version="7"))
    for number, (name, size) in enumerate(sizes.items(), 1):
        files.update(binary_v3(number, spec_manifest(size), name))
    return str(write_files(folder, files))


def download(location: str, number: int = 1) -> Download:
    policy = Policy(offline=True)
    with closing(open_catalog([location], policy=policy).catalog) as catalog:
        wanted = wanted_builds(catalog, catalog.row_of(dag_hash(number)))
    return find_download(wanted, BinaryFinder([location], policy, lambda: None))


def test_the_closure_is_added_up(world: World) -> None:
    found = download(site(world.folder / "m", {"a": 100, "b": 20}))
    ((_, binary),) = found.binaries
    assert binary.size == 100
    assert (found.closure_size, found.closure, found.unknown) == (120, 2, 0)


def test_a_size_that_is_not_at_hand_is_counted(world: World) -> None:
    found = download(site(world.folder / "m", {"a": 100}))
    assert (found.closure_size, found.closure, found.unknown) == (NO_SIZE, 2, 1)


def test_of_a_long_closure_nothing_is_added_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachetui.install.downloads.MOST_NODES", 1)
    found = download(site(world.folder / "m", {"a": 100, "b": 20}))
    ((_, binary),) = found.binaries
    assert (binary.size, found.closure_size, found.closure) == (100, NO_SIZE, 0)


def test_an_external_has_no_binary(world: World) -> None:
    assert download(site(world.folder / "m", {"a": 100}), 3) == Download(())


@pytest.mark.parametrize(
    ("manifest", "added"),
    [(SIGNED_MANIFEST, "spack mirror add m "), (spec_manifest(5), "spack mirror add --unsigned m ")],
)
def test_install_lines_know_what_is_signed_here(world: World, manifest: bytes, added: str) -> None:
    files = {**v3_files(index(record(1))), **binary_v3(1, manifest)}
    location = str(write_files(world.folder / "m", files))
    with closing(open_catalog([location]).catalog) as catalog:
        lines = install_line(cached_builds(catalog, [0])).splitlines()
    assert lines[0] == f"{added}{location}"
    assert ("spack buildcache keys --install --trust" in lines) == (manifest is SIGNED_MANIFEST)
    assert len(lines) == 2 + (manifest is SIGNED_MANIFEST)
