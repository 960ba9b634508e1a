"""The location `installed`: what the Spack of this machine has installed, itself and in its upstreams."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.locate import installed_here
from tests.builders.homes import World, write_section
from tests.builders.mirrors import database, mirror
from tests.conftest import Call, dag_hash


def tree(root: Path, *numbers: int, explicit: bool = True, **more: object) -> Path:
    """An install tree with builds of zlib, each with the hash of a number."""
    records = {
        dag_hash(number): {
            "spec": {
                "name": "zlib",
                "version": f"1.{number}",
                "arch": {"platform": "linux", "platform_os": "debian12", "target": "x86_64"},
                "hash": dag_hash(number),
            },
            "installed": True,
            "explicit": explicit,
            "installation_time": 1795631873.6,
            **more,
        }
        for number in numbers
    }
    file = root / ".spack-db" / "index.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(database(records))
    return root


def configure(world: World, local: Path, **upstreams: Path) -> None:
    """Configure the install tree and the upstreams of the user's Spack."""
    write_section(world.scope / "config.yaml", "config", f"install_tree: {{root: '{local}'}}\n")
    lines = [f"{name}: {{install_tree: '{root}'}}" for name, root in upstreams.items()]
    write_section(world.scope / "upstreams.yaml", "upstreams", "\n".join(lines) + "\n")


@pytest.fixture
def site(world: World) -> World:
    """A Spack with zlib 1.1 and 1.2, and an upstream with 1.2 and 1.3."""
    local, up = tree(world.folder / "local", 1, 2), tree(world.folder / "up", 2, 3, explicit=False)
    configure(world, local, site=up)
    return world


def hashes(call: Call, *arguments: str) -> list[str]:
    done = call("list", *arguments, "--format", "hashes")
    assert (done.code, done.err) == (0, "")
    return sorted(done.lines)


def test_installed_is_the_local_tree_and_the_upstreams(site: World, call: Call) -> None:
    assert hashes(call, "installed") == [dag_hash(n) for n in (1, 2, 3)]
    assert hashes(call, "installed", "--where", "mirror=site") == [dag_hash(2), dag_hash(3)]
    assert hashes(call, str(site.folder / "up")) == [dag_hash(2), dag_hash(3)]


def test_changed_database_is_compiled_again(site: World, call: Call) -> None:
    hashes(call, "installed")
    tree(site.folder / "up", 4)
    assert hashes(call, "installed") == [dag_hash(n) for n in (1, 2, 4)]


def test_details_name_the_trees(site: World, call: Call) -> None:
    """Text and JSON; no word of a build cache."""
    text = call("show", dag_hash(2), "installed").out
    assert [" ".join(line.split()) for line in text.splitlines() if line.startswith("installed")] == [
        "installed in local, explicitly, 2026-11-25 18:37 UTC",
        "installed in site, as a dependency, 2026-11-25 18:37 UTC",
    ]
    assert "cache" not in text and "mirror" not in text
    shown = json.loads(call("show", dag_hash(3), "installed", "--format", "json").out)
    assert (shown["installed_in"], shown["in_buildcache"]) == (["site"], False)
    assert shown["installations"] == [
        {
            "name": "site",
            "root": str(site.folder / "up"),
            "explicit": False,
            "time": "2026-11-25T18:37:53+00:00",
        }
    ]


def test_installed_build_is_loaded_not_installed(site: World, call: Call) -> None:
    def line(location: str) -> str:
        return call("pick", location, "-q", "zlib@1.1", "-1", "--print", "install").out.splitlines()[-1]

    assert line("installed") == f"spack load /{dag_hash(1)}"
    cache = mirror(site.folder / "cache", 1)
    assert line(cache).startswith("spack install")


def test_build_in_a_mirror_too_is_one_of_both(site: World, call: Call) -> None:
    cache = mirror(site.folder / "cache", 1)
    done = call("list", "installed", cache, "--format", "json")
    found = {each["hash"]: each for each in json.loads(done.out)}
    assert (found[dag_hash(1)]["in_buildcache"], found[dag_hash(1)]["installed_in"]) == (True, ["local"])
    assert (found[dag_hash(3)]["in_buildcache"], found[dag_hash(3)]["installed_in"]) == (False, ["site"])


def test_what_is_not_installed_here_is_so_there(site: World, call: Call) -> None:
    """The local tree has the record of a build that only the upstream has installed."""
    tree(site.folder / "local", 3, installed=False)
    shown = json.loads(call("show", dag_hash(3), "installed", "--format", "json").out)
    assert shown["installed_in"] == ["site"]
    alone = tree(site.folder / "alone", 3, installed=False)
    done = call("show", dag_hash(3), str(alone))
    assert "not installed" in done.out and "cache" not in done.out


@pytest.mark.parametrize("content", [b"{", b""])
def test_damaged_upstream_is_named_and_hides_nothing(site: World, call: Call, content: bytes) -> None:
    (site.folder / "up" / ".spack-db" / "index.json").write_bytes(content)
    done = call("list", "installed", "--count")
    assert (done.code, done.out) == (3, "2\n")
    assert "up/.spack-db/index.json" in done.err
    assert len(installed_here().all) == 2
    (note,) = installed_here().notes
    assert note.startswith("site: ")


def test_missing_upstream_is_named(site: World, call: Call) -> None:
    configure(site, site.folder / "local", gone=site.folder / "gone")
    done = call("list", "installed", "--count")
    assert (done.code, done.out) == (3, "2\n")
    assert "gone/.spack-db/index.json: No such file" in done.err


def test_trees_are_listed_with_mirrors(site: World, call: Call) -> None:
    """Each with what opens it alone; a record of what is not installed does not count."""
    tree(site.folder / "up", 7, installed=False)
    call("list", "installed")
    configure(site, site.folder / "local", site=site.folder / "up", gone=site.folder / "gone")
    found = json.loads(call("mirrors", "installed", "--format", "json").out)["mirrors"]
    assert [
        (each["name"], each["url"], each["layout"], each["state"], each["records"]) for each in found
    ] == [
        ("local", str(site.folder / "local"), "installed", "on this machine", 2),
        ("site", str(site.folder / "up"), "installed", "on this machine", 0),
        ("gone", str(site.folder / "gone"), "installed", "failed", None),
    ]


def test_nothing_is_installed(world: World, call: Call) -> None:
    done = call("list", "installed")
    assert (done.code, done.out) == (3, "")
    assert "nothing is installed: there is no Spack" in done.err
    configure(world, world.folder / "new")
    assert f"nothing is installed: no database in {world.folder}/new" in call("list", "installed").err


def test_folder_of_that_name_is_opened_as_a_path(
    site: World, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.folder)
    tree(site.folder / "installed", 9)
    assert hashes(call, "./installed") == [dag_hash(9)]
    assert dag_hash(9) not in hashes(call, "installed")
