"""Asking mirrors for single binaries: only when needed, within limits, and with the right credentials."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import Catalog, MirrorInfo
from cachetui.refresh import BinaryFinder, Policy, binaries, known_binary, open_catalog
from cachetui.sources import Binary
from cachetui.spec import Spec
from tests.builders.binaries import KEY, SIGNED_MANIFEST, binary_v2, binary_v3, spec_manifest
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, record, served, v2, v3, v3_files, write_files
from tests.conftest import dag_hash
from tests.refresh.world import asked, configured, everything_below, gone
from tests.servers.faults import Exchange, Missing, NeedsBasic, Silent, faulty


def records(*numbers: int) -> bytes:
    """An index of some builds of zlib 1.3."""
    return index(*map(record, numbers))


def looked_up(catalog: Catalog, number: int = 1) -> tuple[Spec, tuple[MirrorInfo, ...]]:
    """A build and the mirrors of a catalog."""
    return catalog.spec(catalog.row_of(dag_hash(number))), catalog.mirrors


def found(*locations: str, policy: Policy | None = None, number: int = 1) -> list[Binary]:
    """What the mirrors at some locations say of a build."""
    policy = policy or configured()
    with closing(open_catalog(locations, policy=policy).catalog) as catalog:
        finder = BinaryFinder(locations, policy, lambda: None)
        return [binary for _, binary in finder.find(*looked_up(catalog, number))]


def test_a_mirror_is_asked_once(world: World) -> None:
    table = {**v3("/m", records(1, 2)), **served(binary_v3(1, SIGNED_MANIFEST))}
    with faulty(table) as server:
        url = f"{server.url}/m"
        (first,) = found(url)
        assert (first.signature, first.key) == ("signed", KEY)
        assert sum("/spec/" in path for path in asked(server)) == 1
        assert found(url) == [first]
        assert not any("/spec/" in path for path in asked(server))
        gone(server)
        assert found(url) == [first]
        assert found(url, policy=configured(offline=True)) == [first]


def test_offline_no_mirror_is_asked(world: World) -> None:
    with faulty(v3("/m", records(1))) as server:
        url = f"{server.url}/m"
        open_catalog([url], policy=configured()).catalog.close()
        asked(server)
        assert found(url, policy=configured(offline=True)) == [Binary(note="not asked: offline")]
        assert asked(server) == []


def test_an_answer_that_there_is_none_is_not_kept_for_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty(v3("/m", records(1))) as server:
        url = f"{server.url}/m"
        assert found(url) == [Binary(note="not in the mirror (404 Not Found)")]
        server.table.update(served(binary_v3(1, spec_manifest(7))))
        assert found(url) == [Binary(note="not in the mirror (404 Not Found)")]
        monkeypatch.setattr(binaries, "ABSENT_SECONDS", 0.0)
        assert [each.size for each in found(url)] == [7]


def test_a_failure_is_said_and_not_kept(world: World) -> None:
    with faulty(v3("/m", records(1))) as server:
        url = f"{server.url}/m"
        open_catalog([url], policy=configured()).catalog.close()
        gone(server)
        (failed,) = found(url)
        assert "500" in failed.note
        assert not (paths.cache_dir() / "binaries").exists()


def test_the_credentials_of_the_mirror_are_used(world: World) -> None:
    files = {**v2("/m", records(1)), **served(binary_v2(1, 50))}
    table = {path: NeedsBasic(behaviour, "reader", "geheim") for path, behaviour in files.items()}
    with faulty(table) as server:
        url = server.url.replace("://", "://reader:geheim@")
        (binary,) = found(f"{url}/m")
        assert (binary.size, binary.signature) == (50, "unsigned")
    assert b"geheim" not in everything_below(paths.cache_dir() / "binaries")


def test_a_few_answers_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "MOST_KEPT", 2)
    files = {name: data for n in (1, 2, 3) for name, data in binary_v3(n, spec_manifest(n)).items()}
    with faulty({**v3("/m", records(1, 2, 3)), **served(files)}) as server:
        url = f"{server.url}/m"
        for number in (1, 2, 3):
            assert [each.size for each in found(url, number=number)] == [number]
        with closing(open_catalog([url], policy=configured()).catalog) as catalog:
            known = [known_binary(catalog.mirrors[0], looked_up(catalog, n)[0]) for n in (1, 2, 3)]
    assert [each.size if each else None for each in known] == [None, 2, 3]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": {"binary": 1}}', b"\xff"])
def test_damaged_answers_are_asked_for_again(world: World, content: bytes) -> None:
    with faulty({**v3("/m", records(1)), **served(binary_v3(1, spec_manifest(7)))}) as server:
        url = f"{server.url}/m"
        found(url)
        (file,) = (paths.cache_dir() / "binaries").iterdir()
        file.write_bytes(content)
        assert [each.size for each in found(url)] == [7]


def test_mirrors_here_are_read(world: World) -> None:
    root = write_files(world.folder / "site", {**v3_files(records(1)), **binary_v3(1, SIGNED_MANIFEST)})
    (binary,) = found(str(root), policy=configured(offline=True))
    assert (binary.signature, binary.key) == ("signed", KEY)
    assert not (paths.cache_dir() / "binaries").exists()


def test_each_mirror_is_asked(world: World, tmp_path: Path) -> None:
    one = mirror(world.folder / "one", record(1))
    write_files(Path(one), binary_v2(1, 10))
    with faulty({**v3("/m", records(1)), **served(binary_v3(1, spec_manifest(20)))}) as server:
        assert [each.size for each in found(one, f"{server.url}/m")] == [10, 20]


def test_a_silent_mirror_is_given_up_when_the_time_of_the_policy_is_over(world: World) -> None:
    table = {**v3("/m", records(1)), **served(binary_v3(1, spec_manifest(20)))}
    with faulty(table) as good, faulty(v3("/m", records(1))) as bad:
        urls = f"{good.url}/m", f"{bad.url}/m"
        found(urls[0])  # is kept
        open_catalog([urls[1]], policy=configured()).catalog.close()
        bad.table.update({f"/m/{path}": Silent() for path in binary_v3(1, b"")})
        answered, given_up = found(*urls, policy=replace(configured(), wait=0.01))
        assert answered.size == 20
        assert given_up.note.startswith("no answer within")
        assert found(*urls, policy=replace(configured(), wait=0.0))[1].note.startswith("not asked")
        # The first request may arrive late, or not at all.
        assert sum("/spec/" in path for path in asked(bad)) <= 1


def test_mirrors_are_asked_at_the_same_time(world: World) -> None:
    meeting = threading.Barrier(2, timeout=30)

    def together(exchange: Exchange) -> None:
        if "/spec/" in exchange.request.path:
            meeting.wait()
        Missing()(exchange)

    with faulty(v3("/m", records(1))) as one, faulty(v3("/m", records(1))) as two:
        urls = f"{one.url}/m", f"{two.url}/m"
        open_catalog(urls, policy=configured()).catalog.close()
        one.otherwise = two.otherwise = together
        assert [each.note[:3] for each in found(*urls)] == ["not", "not"]


def test_a_file_alone_has_no_binaries(world: World) -> None:
    file = world.folder / "other.json"
    file.write_bytes(records(1))
    assert found(str(file)) == [Binary(note="its source is not a mirror, but a file or pages")]
