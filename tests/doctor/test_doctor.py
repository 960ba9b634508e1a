"""What doctor finds, and that it works where nothing else does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cachetui import paths
from cachetui.doctor import CHECKS, Finding, Level, Subject, checks, examine
from cachetui.refresh import open_catalog
from tests.builders.damage import executed
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, v2
from tests.conftest import Call
from tests.servers.faults import faulty


@pytest.fixture(autouse=True)
def looking() -> Iterator[None]:
    paths.look_again()
    yield
    paths.look_again()


def found(call: Call, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings that are not ok."""
    done = call("doctor", "--format", "json", *arguments)
    report = json.loads(done.out)
    assert report["wrong"] == sum(each["level"] == "wrong" for each in report["findings"])
    assert {each["about"] for each in report["findings"]} <= {about for about, _ in CHECKS}
    assert done.code == (1 if report["wrong"] else 0)
    return done.code, [each for each in report["findings"] if each["level"] != "ok"]


def about(findings: list[dict[str, Any]], name: str) -> str:
    return "\n".join(f"{each['text']} -> {each['remedy']}" for each in findings if each["about"] == name)


def test_nothing_is_wrong_in_an_empty_home(world: World, call: Call) -> None:
    code, findings = found(call)
    assert code == 0 and "no mirror with binaries" in about(findings, "Spack's configuration")
    done = call("doctor")
    assert done.lines[0] == "settings" and done.lines[-1].startswith("nothing wrong, ")


def test_without_a_home(world: World, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.devnull)
    for name in ("CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", f"{os.devnull}/{name}")
    code, findings = found(call)
    assert code == 0 and about(findings, "folders").count("cannot be created") == 3


def test_broken_settings(world: World, call: Call) -> None:
    world.settings("mouse: perhaps\n")
    code, findings = found(call)
    assert code == 1 and "mouse must be true or false" in about(findings, "settings")


def test_broken_configuration_of_spack(world: World, call: Call) -> None:
    (world.scope / "mirrors.yaml").parent.mkdir(parents=True, exist_ok=True)
    (world.scope / "mirrors.yaml").write_text("mirrors:\n\tx: y\n")
    code, findings = found(call)
    assert code == 1 and "mirrors.yaml:2" in about(findings, "Spack's configuration")


def test_a_mirror_that_answers_and_one_that_does_not(world: World, call: Call) -> None:
    with faulty(v2("/m", index(1))) as server:
        url = f"{server.url}/m?signature=s3cr3t"
        assert found(call, url)[0] == 0
        assert found(call, url, "--offline")[0] == 0
    code, findings = found(call, url)
    assert code == 1 and about(findings, "mirrors").startswith("m (http://")
    assert "s3cr3t" not in call("doctor", url).out
    assert found(call, url, "--offline")[0] == 0, "it is not asked"


def test_a_location_that_is_none(world: World, call: Call) -> None:
    code, findings = found(call, "/missing/folder")
    assert code == 1 and "no such file or folder" in about(findings, "mirrors")


def test_a_catalog_of_another_version_is_nothing_wrong(world: World, call: Call, tmp_path: Path) -> None:
    opened = open_catalog([mirror(tmp_path / "m", 1)])
    opened.catalog.close()
    executed("UPDATE meta SET value = '9-little' WHERE key = 'schema'")(opened.catalog.path)
    assert found(call)[0] == 0
    assert "of another version of cachetui" in call("doctor").out


def test_a_damaged_catalog(world: World, call: Call, tmp_path: Path) -> None:
    opened = open_catalog([mirror(tmp_path / "m", 1)])
    opened.catalog.close()
    assert found(call)[0] == 0
    content = opened.catalog.path.read_bytes()
    opened.catalog.path.write_bytes(content[: len(content) // 2])
    code, findings = found(call)
    assert code == 1 and f"rm {opened.catalog.path}" in about(findings, "catalogs")


def test_a_cache_folder_that_others_may_write(world: World, call: Call) -> None:
    folder = paths.cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)
    paths.look_again()
    code, findings = found(call)
    assert code == 1 and f"chmod go-w {folder}" in about(findings, "folders")


def test_a_check_that_fails_is_a_finding(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(subject: Subject) -> Iterator[Finding]:
        raise OSError(28, "No space left on device", "https://me:s3cr3t@host/x")
        yield

    monkeypatch.setattr(checks, "CHECKS", (("one", fail), *CHECKS[:1]))
    (_, finding), *others = examine(Subject())
    assert finding.level is Level.WRONG and "No space left" in finding.text
    assert "s3cr3t" not in finding.text and len(others) == 2
