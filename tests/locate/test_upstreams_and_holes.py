"""Install trees opened by their paths: with the upstreams of their Spack, and beside mirrors with holes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders.homes import World, write_section
from tests.builders.mirrors import Record, database, mirror, record
from tests.conftest import Call, dag_hash
from tests.locate.test_installed import configure, hashes, tree

TOP, BASE, LOOSE = 1, 2, 3


def records(hole: bool = False) -> list[Record]:
    """`top` needs `base`, which may have no binary; `loose` needs nothing."""
    edges = [{"name": "base", "hash": dag_hash(BASE), "parameters": {"deptypes": ["link"]}}]
    base, said = record(BASE, "base")
    return [
        record(TOP, "top", dependencies=edges),
        (base, {**said, "in_buildcache": not hole}),
        record(LOOSE, "loose"),
    ]


def installed_tree(root: Path, *chosen: Record) -> Path:
    """An install tree with some of the records."""
    file = root / ".spack-db" / "index.json"
    file.parent.mkdir(parents=True)
    found = {dag: {"spec": said["spec"], "installed": True, "explicit": True} for dag, said in chosen}
    file.write_bytes(database(found))
    return root


def shown(call: Call, number: int, *locations: object, more: str = "--closure") -> dict[str, Any]:
    arguments = ["show", dag_hash(number), *map(str, locations), more, "--format", "json"]
    found: dict[str, Any] = json.loads(call(*arguments).out)
    return found


@pytest.fixture
def mixed(world: World) -> tuple[Path, Path]:
    """A mirror without the binary of `base`, and the install tree of this Spack, which has it installed."""
    holed = world.folder / "holed"
    mirror(holed, *records(hole=True))
    local = installed_tree(world.folder / "local", records()[1])
    configure(world, local)
    return holed, local


@pytest.mark.parametrize("is_first", [True, False])
def test_installed_hole_stays_a_hole_of_the_mirror(
    mixed: tuple[Path, Path], call: Call, is_first: bool
) -> None:
    places = mixed if is_first else mixed[::-1]
    assert shown(call, TOP, *places)["closure"] == {
        "cached": [dag_hash(TOP)],
        "external": [],
        "hole": [dag_hash(BASE)],
        "missing": [],
    }
    base = shown(call, BASE, *places)
    assert (base["in_buildcache"], base["installed_in"]) == (False, ["local"])
    assert hashes(call, *map(str, places), "--complete") == [dag_hash(LOOSE)]
    assert hashes(call, *map(str, places), "--no-complete") == [dag_hash(TOP), dag_hash(BASE)]
    assert hashes(call, *map(str, places), "--where", "mirror=holed") == [dag_hash(TOP), dag_hash(LOOSE)]


def test_binary_in_another_mirror_fills_a_hole(mixed: tuple[Path, Path], world: World, call: Call) -> None:
    full = world.folder / "full"
    mirror(full, *records())
    places = [str(mixed[0]), str(full)]
    assert shown(call, TOP, *places)["closure"]["cached"] == [dag_hash(TOP), dag_hash(BASE)]
    assert hashes(call, *places, "--where", "mirror=holed") == [dag_hash(TOP), dag_hash(LOOSE)]
    line = call("pick", *places, "-q", "base", "-1", "--print", "install").out
    assert str(full) in line and str(mixed[0]) not in line
    text = call("show", dag_hash(BASE), *places).out
    assert [" ".join(each.split()) for each in text.splitlines() if "ol" in each or "full" in each] == [
        "mirrors full",
        "no binary in holed",
    ]


def test_tree_marks_what_is_installed(mixed: tuple[Path, Path], call: Call) -> None:
    """Beside the state, with the tree open or not."""
    holed, local = map(str, mixed)
    for places in ([holed], [holed, local]):
        lines = call("show", dag_hash(TOP), *places, "--tree").out.splitlines()
        assert lines[-2].endswith("[cached]")
        assert lines[-1].endswith("[hole: no binary]  [installed]")
        closure = call("show", dag_hash(TOP), *places, "--closure").out.splitlines()
        assert closure[-2].split() == [dag_hash(BASE)[:7], "hole", "base@1.3", "[installed]"]
        found = json.loads(call("show", dag_hash(TOP), *places, "--tree", "--format", "json").out)
        assert [(each["state"], each["installed"]) for each in found] == [("cached", False), ("hole", True)]
    alone = call("show", dag_hash(BASE), local, "--tree").out.splitlines()
    assert alone[-1].count("installed") == 1


def test_path_of_a_tree_opens_its_upstreams(world: World, call: Call) -> None:
    top, base, _ = records()
    local = installed_tree(world.folder / "local", top)
    site = installed_tree(world.folder / "up", base)
    assert shown(call, TOP, local)["closure"]["missing"] == [dag_hash(BASE)]
    configure(world, local, site=site)
    assert shown(call, TOP, local)["closure"]["cached"] == [dag_hash(TOP), dag_hash(BASE)]
    assert hashes(call, str(local), "--where", "mirror=site") == [dag_hash(BASE)]
    assert hashes(call, str(site)) == [dag_hash(BASE)]
    both = json.loads(call("list", str(local), str(site), "--format", "json").out)
    assert {each["hash"]: each["installed_in"] for each in both} == {
        dag_hash(TOP): ["local"],
        dag_hash(BASE): ["up"],
    }
    listed = json.loads(call("mirrors", str(local), "--format", "json").out)["mirrors"]
    assert [each["name"] for each in listed] == ["local", "site"]


def test_tree_of_another_spack_has_the_upstreams_of_that(world: World, call: Call) -> None:
    top, base, _ = records()
    spack = world.folder / "other"
    (spack / "lib" / "spack" / "spack").mkdir(parents=True)
    local = installed_tree(spack / "opt" / "spack", top)
    site = installed_tree(world.folder / "up", base)
    write_section(
        spack / "etc" / "spack" / "upstreams.yaml", "upstreams", f"up: {{install_tree: '{site}'}}\n"
    )
    assert hashes(call, str(local)) == [dag_hash(TOP), dag_hash(BASE)]
    assert hashes(call, str(spack)) == [dag_hash(TOP), dag_hash(BASE)]


def test_damaged_database_is_noted_where_installed_is_asked(world: World, call: Call) -> None:
    local, up = tree(world.folder / "local", 1), world.folder / "up"
    configure(world, local, site=up)
    cache = mirror(world.folder / "cache", 1, 2)
    for arguments in (["list", "--installed"], ["packages", "--installed"], ["show", dag_hash(1), "--tree"]):
        done = call(*arguments[:-1], str(cache), *arguments[-1:])
        assert done.code == 0
        assert f"site: {up}/.spack-db/index.json: No such file" in done.err
    assert call("list", str(cache)).err == ""
