"""Generated indexes are what the benchmark takes them for: the same each time, whole, and like real ones."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cachetui.refresh import open_catalog
from tests.bench.generate import write_index, write_pages
from tests.bench.model import Growth

COUNT = 300
VERSIONS = (7, 8)


pytestmark = pytest.mark.usefixtures("home")


@cache
def grown(version: int) -> tuple[tuple[str, bytes], ...]:
    return tuple(Growth(version, COUNT).records())


def nodes(version: int) -> list[dict[str, Any]]:
    return [msgspec.json.decode(text)["spec"] for _, text in grown(version)]


def test_the_same_arguments_give_the_same_records() -> None:
    assert tuple(Growth(7, COUNT).records()) == grown(7)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_count_is_exact(version: int) -> None:
    assert len({dag_hash for dag_hash, _ in grown(version)}) == len(grown(version)) == COUNT


@pytest.mark.parametrize("version", VERSIONS)
def test_dependencies_come_before_their_dependents(version: int) -> None:
    before: set[str] = set()
    for node in nodes(version):
        assert {edge["hash"] for edge in node.get("dependencies", ())} <= before
        before.add(node["hash"])


@pytest.mark.parametrize("version", VERSIONS)
def test_some_builds_are_lookalikes_with_different_dependencies(version: int) -> None:
    below = {"hash", "dependencies", "package_hash"}
    looks = Counter(
        msgspec.json.encode({key: value for key, value in node.items() if key not in below})
        for node in nodes(version)
    )
    assert max(looks.values()) > 1


@pytest.mark.parametrize("version", VERSIONS)
def test_targets_have_both_forms(version: int) -> None:
    assert {type(node["arch"]["target"]) for node in nodes(version)} == {str, dict}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_generated_index_compiles_completely(version: int, tmp_path: Path) -> None:
    write_index(COUNT, tmp_path / "mirror", version)
    opened = open_catalog([str(tmp_path / "mirror")])
    assert (len(opened.catalog), opened.skipped, opened.failures) == (COUNT, 0, ())
    opened.catalog.close()


def test_generated_pages_compile_completely(tmp_path: Path) -> None:
    site = write_pages(COUNT, tmp_path / "site", 70)
    assert len(list(site.rglob("specs.md"))) == 70
    opened = open_catalog([str(site)])
    assert (len(opened.catalog), opened.skipped, opened.failures) == (COUNT, 0, ())
    opened.catalog.close()
